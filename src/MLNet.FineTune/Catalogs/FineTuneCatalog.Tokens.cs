using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to classify each word of a text, such as for named entity recognition.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The column of labels: a vector of keys, one a word.</param>
    /// <param name="sentence1ColumnName">The column of words: a vector of text, as <c>TokenizeIntoWords</c> gives it.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted labels, one a word.</param>
    /// <param name="scoreColumnName">The output column of their probabilities.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="epochs">How often each row is seen.</param>
    /// <param name="batchSize">Rows that go through the model at once.</param>
    /// <param name="validationSet">Data to measure on while training; the weights with the highest accuracy over words are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static TokenFineTuneTrainer FineTuneTokens(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        string scoreColumnName = DefaultColumnNames.Score,
        PeftMethod? peft = null,
        int epochs = 3,
        int batchSize = 32,
        IDataView? validationSet = null) =>
        catalog.FineTuneTokens(new TokenClassificationOptions
        {
            Encoder = encoder ?? EncoderSource.Default,
            LabelColumnName = labelColumnName,
            Sentence1ColumnName = sentence1ColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ScoreColumnName = scoreColumnName,
            Peft = peft ?? new FullFineTuning(),
            Training = { Epochs = epochs, BatchSize = batchSize },
            ValidationSet = validationSet,
        });

    /// <summary>Fine-tunes a pretrained encoder to classify each word of a text, with all options.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static TokenFineTuneTrainer FineTuneTokens(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TokenClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new TokenFineTuneTrainer(CatalogEnvironment.Of(catalog), options);
    }
}
