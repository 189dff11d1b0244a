using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to predict a number for texts or pairs of texts.</summary>
    /// <param name="catalog">The regression trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The column of the numbers.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, for pairs; null for single texts.</param>
    /// <param name="scoreColumnName">The output column of the predicted number.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="epochs">How often each row is seen.</param>
    /// <param name="batchSize">Rows that go through the model at once.</param>
    /// <param name="validationSet">Data to measure on while training; the weights with the lowest root mean squared error are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static RegressionFineTuneTrainer FineTune(
        this RegressionCatalog.RegressionTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        string scoreColumnName = DefaultColumnNames.Score,
        PeftMethod? peft = null,
        int epochs = 3,
        int batchSize = 32,
        IDataView? validationSet = null) =>
        catalog.FineTune(new TextRegressionOptions
        {
            Encoder = encoder ?? EncoderSource.Default,
            LabelColumnName = labelColumnName,
            Sentence1ColumnName = sentence1ColumnName,
            Sentence2ColumnName = sentence2ColumnName,
            ScoreColumnName = scoreColumnName,
            Peft = peft ?? new FullFineTuning(),
            Training = { Epochs = epochs, BatchSize = batchSize },
            ValidationSet = validationSet,
        });

    /// <summary>Fine-tunes a pretrained encoder to predict a number for texts or pairs of texts, with all options.</summary>
    /// <param name="catalog">The regression trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static RegressionFineTuneTrainer FineTune(this RegressionCatalog.RegressionTrainers catalog, TextRegressionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RegressionFineTuneTrainer(CatalogEnvironment.Of(catalog), options);
    }
}
