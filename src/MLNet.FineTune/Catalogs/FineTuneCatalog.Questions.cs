using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to answer questions by a stretch of a context, as in SQuAD.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="contextColumnName">The column of contexts.</param>
    /// <param name="questionColumnName">The column of questions.</param>
    /// <param name="answerColumnName">The column of answers, as they stand in the contexts.</param>
    /// <param name="answerStartColumnName">The column that says where each answer begins: the index of its first UTF-16 character in the context.</param>
    /// <param name="predictedAnswerColumnName">The output column of the answer.</param>
    /// <param name="scoreColumnName">The output column of its probability.</param>
    /// <param name="topK">How many answers are given; with more than one, the outputs are vectors.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="epochs">How often each row is seen.</param>
    /// <param name="batchSize">Rows that go through the model at once; of long contexts, windows.</param>
    /// <param name="validationSet">Data to measure on while training; the weights with the highest F1 over the words of answers are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static QuestionFineTuneTrainer FineTuneQuestions(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string contextColumnName = "Context",
        string questionColumnName = "Question",
        string answerColumnName = "Answer",
        string answerStartColumnName = "AnswerStart",
        string predictedAnswerColumnName = "PredictedAnswer",
        string scoreColumnName = DefaultColumnNames.Score,
        int topK = 1,
        PeftMethod? peft = null,
        int epochs = 3,
        int batchSize = 32,
        IDataView? validationSet = null) =>
        catalog.FineTuneQuestions(new QuestionAnsweringOptions
        {
            Encoder = encoder ?? EncoderSource.Default,
            ContextColumnName = contextColumnName,
            QuestionColumnName = questionColumnName,
            AnswerColumnName = answerColumnName,
            AnswerStartColumnName = answerStartColumnName,
            PredictedAnswerColumnName = predictedAnswerColumnName,
            ScoreColumnName = scoreColumnName,
            TopK = topK,
            Peft = peft ?? new FullFineTuning(),
            Training = { Epochs = epochs, BatchSize = batchSize },
            ValidationSet = validationSet,
        });

    /// <summary>Fine-tunes a pretrained encoder to answer questions by a stretch of a context, with all options.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static QuestionFineTuneTrainer FineTuneQuestions(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, QuestionAnsweringOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new QuestionFineTuneTrainer(CatalogEnvironment.Of(catalog), options);
    }
}
