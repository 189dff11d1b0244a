using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.PretrainedModels;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Opens a classifier of texts that is fine-tuned already, to use it as it is: a checkpoint of Hugging Face's <c>…ForSequenceClassification</c>, or what <see cref="FineTunedTextTransformer.SavePretrained"/> wrote.</summary>
    /// <remarks>The classes are those of <c>id2label</c> in <c>config.json</c>, and the values of the key <c>PredictedLabel</c>.</remarks>
    /// <param name="source">The checkpoint: a directory, or a model of the hub.</param>
    /// <param name="options">Columns and how to score; null for the defaults.</param>
    /// <returns>The model, to be disposed when it is no longer used. It is saved and scored as any other.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the source has no trained weights.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the checkpoint is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the checkpoint is malformed, has no trained head, or names its classes with gaps or twice.</exception>
    /// <exception cref="NotSupportedException">The checkpoint is one of another task, or its encoder or tokenizer is of a kind that is not supported.</exception>
    public MulticlassTextClassificationTransformer LoadPretrainedClassifier(EncoderSource source, PretrainedTextOptions? options = null)
    {
        IHost host = Environment.Register(nameof(LoadPretrainedClassifier));
        return PretrainedModel.Open(host, source, PretrainedTask.Classes, options ?? new PretrainedTextOptions(),
            (classifier, labels, columns) => new MulticlassTextClassificationTransformer(host, classifier, ClassLabels.OfTexts(labels), columns));
    }

    /// <summary>Opens a classifier that is fine-tuned already and gives a text any number of labels: a checkpoint of Hugging Face's <c>…ForSequenceClassification</c> with the <c>problem_type</c> <c>multi_label_classification</c>.</summary>
    /// <remarks>Each label has the logistic function of its logit for probability, and the text has the labels whose probability is above <see cref="PretrainedTextOptions.Threshold"/>. A checkpoint that states no <c>problem_type</c> is opened too.</remarks>
    /// <inheritdoc cref="LoadPretrainedClassifier"/>
    public MultiLabelTextClassificationTransformer LoadPretrainedMultiLabelClassifier(EncoderSource source, PretrainedTextOptions? options = null)
    {
        IHost host = Environment.Register(nameof(LoadPretrainedMultiLabelClassifier));
        options ??= new PretrainedTextOptions();
        return PretrainedModel.Open(host, source, PretrainedTask.LabelSets, options,
            (classifier, labels, columns) => new MultiLabelTextClassificationTransformer(host, classifier, ClassLabels.OfTexts(labels), new LabelRule(options.Threshold), columns));
    }

    /// <summary>Opens a model that is fine-tuned already and predicts a number for each text or pair of texts: a checkpoint of Hugging Face's <c>…ForSequenceClassification</c> with one label, or what <see cref="FineTunedTextTransformer.SavePretrained"/> wrote.</summary>
    /// <remarks>The number is the model's logit, without any function on it.</remarks>
    /// <inheritdoc cref="LoadPretrainedClassifier"/>
    public TextRegressionTransformer LoadPretrainedRegressor(EncoderSource source, PretrainedTextOptions? options = null)
    {
        IHost host = Environment.Register(nameof(LoadPretrainedRegressor));
        return PretrainedModel.Open(host, source, PretrainedTask.Number, options ?? new PretrainedTextOptions(),
            (model, _, columns) => new TextRegressionTransformer(host, model, columns));
    }

    /// <summary>Opens a classifier of words that is fine-tuned already, to use it as it is: a checkpoint of Hugging Face's <c>…ForTokenClassification</c>, or what <see cref="FineTunedTextTransformer.SavePretrained"/> wrote.</summary>
    /// <remarks>The text column is a vector of words, as <c>TokenizeIntoWords</c> gives it; a word's label is read at its first sub-word.</remarks>
    /// <inheritdoc cref="LoadPretrainedClassifier"/>
    public TokenClassificationTransformer LoadPretrainedTokenClassifier(EncoderSource source, PretrainedTextOptions? options = null)
    {
        IHost host = Environment.Register(nameof(LoadPretrainedTokenClassifier));
        return PretrainedModel.Open(host, source, PretrainedTask.Words, options ?? new PretrainedTextOptions(),
            (model, labels, columns) => new TokenClassificationTransformer(host, model, ClassLabels.OfTexts(labels), columns));
    }

    /// <summary>Opens a model that is fine-tuned already and answers questions by a stretch of a context: a checkpoint of Hugging Face's <c>…ForQuestionAnswering</c>, or what <see cref="FineTunedTextTransformer.SavePretrained"/> wrote.</summary>
    /// <param name="source">The checkpoint: a directory, or a model of the hub.</param>
    /// <param name="options">Columns, how contexts are read and how answers are chosen; null for the defaults.</param>
    /// <returns>The model, to be disposed when it is no longer used. It is saved and scored as any other.</returns>
    /// <inheritdoc cref="LoadPretrainedClassifier" path="/exception"/>
    public QuestionAnsweringTransformer LoadPretrainedQuestionAnswerer(EncoderSource source, PretrainedQuestionAnsweringOptions? options = null)
    {
        IHost host = Environment.Register(nameof(LoadPretrainedQuestionAnswerer));
        return PretrainedModel.Open(host, source, PretrainedTask.Answers, options ?? new PretrainedQuestionAnsweringOptions(),
            (model, _, columns) => new QuestionAnsweringTransformer(host, model, columns));
    }
}
