using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to classify texts into the classes of a key.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, to classify pairs; null for single texts.</param>
    /// <param name="scoreColumnName">The output column of the scores.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="epochs">How often each row is seen.</param>
    /// <param name="batchSize">Rows that go through the model at once.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassFineTuneTrainer FineTune(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int epochs = 3,
        int batchSize = 32,
        IDataView? validationSet = null) =>
        catalog.FineTune(Options(encoder, labelColumnName, sentence1ColumnName, sentence2ColumnName, scoreColumnName, predictedLabelColumnName, peft, epochs, batchSize, validationSet));

    /// <summary>Fine-tunes a pretrained encoder to classify texts into the classes of a key, with all options.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassFineTuneTrainer FineTune(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TextClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticlassFineTuneTrainer(CatalogEnvironment.Of(catalog), options);
    }

    /// <summary>Fine-tunes a pretrained encoder to tell true from false texts.</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, Boolean.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, to classify pairs; null for single texts.</param>
    /// <param name="scoreColumnName">The output column of the log-odds of true.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="epochs">How often each row is seen.</param>
    /// <param name="batchSize">Rows that go through the model at once.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static BinaryFineTuneTrainer FineTune(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int epochs = 3,
        int batchSize = 32,
        IDataView? validationSet = null) =>
        catalog.FineTune(Options(encoder, labelColumnName, sentence1ColumnName, sentence2ColumnName, scoreColumnName, predictedLabelColumnName, peft, epochs, batchSize, validationSet));

    /// <summary>Fine-tunes a pretrained encoder to tell true from false texts, with all options.</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static BinaryFineTuneTrainer FineTune(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TextClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BinaryFineTuneTrainer(CatalogEnvironment.Of(catalog), options);
    }

    private static TextClassificationOptions Options(
        EncoderSource? encoder, string label, string sentence1, string? sentence2, string score, string predicted, PeftMethod? peft, int epochs, int batchSize, IDataView? validationSet) => new()
    {
        Encoder = encoder ?? EncoderSource.Default,
        LabelColumnName = label,
        Sentence1ColumnName = sentence1,
        Sentence2ColumnName = sentence2,
        ScoreColumnName = score,
        PredictedLabelColumnName = predicted,
        Peft = peft ?? new FullFineTuning(),
        Training = { Epochs = epochs, BatchSize = batchSize },
        ValidationSet = validationSet,
    };
}
