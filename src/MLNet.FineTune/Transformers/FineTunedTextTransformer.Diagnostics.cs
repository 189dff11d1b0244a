using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

public abstract partial class FineTunedTextTransformer
{
    /// <summary>What of the model was trained: every parameter by name, with its shape, its layer and whether it trained.</summary>
    /// <returns>The report; its <see cref="ParameterReport.ToTable"/> is text for people.</returns>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public ParameterReport DescribeParameters() => Inspect(classifier => ParameterCounting.Report(classifier.Adapter));

    /// <summary>The intruder dimensions that fine-tuning made: strong singular directions of the trained weights that the pretrained ones have nothing like (Shuttleworth et al. 2024, arXiv 2410.21228).</summary>
    /// <param name="top">How many of the strongest directions of each weight are looked at; at least 1. 10 in the paper.</param>
    /// <param name="threshold">The cosine with the nearest pretrained direction below which one is an intruder; 0 to 1.</param>
    /// <returns>The report, weight by weight.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One of the two is out of its range.</exception>
    /// <exception cref="NotSupportedException">The method trained the encoder itself, so that nothing is left to compare with.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IntruderReport FindIntruderDimensions(int top = 10, double threshold = 0.5) => Inspect(classifier => IntruderDimensions.Find(classifier.Adapter, top, threshold));

    /// <summary>How much worse the encoder predicts hidden tokens than before it was fine-tuned ("LoRA learns less and forgets less", Biderman et al. 2024, arXiv 2405.09673).</summary>
    /// <param name="pretrained">The encoder that was fine-tuned, with the head that predicts tokens.</param>
    /// <param name="texts">Texts like those it was pre-trained on.</param>
    /// <param name="seed">Decides which tokens are hidden.</param>
    /// <returns>The losses before and after.</returns>
    /// <exception cref="ArgumentException">The texts have no token to predict.</exception>
    /// <exception cref="NotSupportedException">The checkpoint has no head that predicts tokens.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public ForgettingReport MeasureForgetting(EncoderSource pretrained, IEnumerable<string> texts, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        ArgumentNullException.ThrowIfNull(texts);
        using PretrainedEncoder encoder = pretrained.Open([]);
        return Inspect(classifier => Forgetting.Measure(encoder, classifier.Adapter.Model, [.. texts.Select(text => new TextInput(text))], seed: seed, checkAlive: _host.CheckAlive));
    }

    /// <summary>Writes the adapter without the encoder, as Python's peft does: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, which peft loads where it knows the method, and <see cref="AdapterSet.Load"/> in any case.</summary>
    /// <param name="directory">The folder, made where absent; files in it are replaced.</param>
    /// <exception cref="NotSupportedException">The method trained the encoder itself, so that there is no adapter.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SaveAdapter(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Inspect(classifier =>
        {
            PeftMethod method = classifier.Adapter.Method;
            if (method.ReplacesBase)
                throw new NotSupportedException($"'{method.MethodName}' trains the encoder itself; there is no adapter to save. Save the model.");
            AdapterFiles.Save(classifier.Adapter, directory);
            return true;
        });
    }

    /// <summary>Writes the model as Hugging Face transformers loads it: <c>config.json</c> with the names of the classes, <c>model.safetensors</c> and the tokenizer's files (<c>save_pretrained</c>).</summary>
    /// <remarks>The class is the encoder's <c>…ForSequenceClassification</c>, for numbers too, <c>…ForTokenClassification</c> or <c>…ForQuestionAnswering</c>. A model with an adapter is merged first: <c>model.MergeAdapter().SavePretrained(directory)</c>.</remarks>
    /// <param name="directory">The folder, made where absent; replaced when it is one of an encoder.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    /// <exception cref="NotSupportedException">The model has an adapter, or a head that Hugging Face transformers has not: on pooled vectors other than the first token's, by a prompt, or for several labels.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SavePretrained(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (Rule is not null)
            throw new NotSupportedException("The model gives a text several labels or none, by a rule that a directory of Hugging Face transformers cannot say. Save the model as a zip.");
        Inspect(classifier =>
        {
            classifier.Export(directory, Task is ClassificationTask.Regression or ClassificationTask.QuestionAnswering ? null : Labels.Names);
            return true;
        });
    }

    /// <summary>The model with the adapter's change in the encoder's weights.</summary>
    private protected ITextClassifier Merged() => Inspect(classifier => classifier.Merged());

    /// <summary>Looks at the model itself, which is not freed meanwhile.</summary>
    internal T Inspect<T>(Func<TextClassifier, T> look)
    {
        T? result = default;
        Classifier.Use(classifier => result = look(classifier as TextClassifier ?? throw new NotSupportedException($"A classifier of type {classifier.GetType().Name} cannot be looked into.")));
        return result!;
    }
}
