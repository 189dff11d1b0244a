using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Makes a multiclass classifier of few labelled texts: the encoder learns by pairs of texts, then a logistic regression is fitted on its embeddings (SetFit, arXiv 2209.11055).</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="scoreColumnName">The output column of the scores.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>, <see cref="HeadOnly"/> to leave it as it is.</param>
    /// <param name="iterations">For each text, how many pairs of its class and how many with other classes an epoch has.</param>
    /// <param name="epochs">How many epochs the contrastive phase has.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSetFitTrainer SetFit(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int iterations = 20,
        int epochs = 1,
        IDataView? validationSet = null) =>
        catalog.SetFit(ToOptions(encoder, labelColumnName, sentence1ColumnName, scoreColumnName, predictedLabelColumnName, peft, iterations, epochs, validationSet));

    /// <summary>Makes a multiclass classifier of few labelled texts, with all options (SetFit, arXiv 2209.11055).</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSetFitTrainer SetFit(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, SetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticlassSetFitTrainer(CatalogEnvironment.Of(catalog), options);
    }

    /// <summary>Makes a binary classifier of few labelled texts: the encoder learns by pairs of texts, then a logistic regression is fitted on its embeddings (SetFit, arXiv 2209.11055).</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, Boolean.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="scoreColumnName">The output column of the log-odds of true.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>, <see cref="HeadOnly"/> to leave it as it is.</param>
    /// <param name="iterations">For each text, how many pairs of its class and how many with the other class an epoch has.</param>
    /// <param name="epochs">How many epochs the contrastive phase has.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySetFitTrainer SetFit(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int iterations = 20,
        int epochs = 1,
        IDataView? validationSet = null) =>
        catalog.SetFit(ToOptions(encoder, labelColumnName, sentence1ColumnName, scoreColumnName, predictedLabelColumnName, peft, iterations, epochs, validationSet));

    /// <summary>Makes a binary classifier of few labelled texts, with all options (SetFit, arXiv 2209.11055).</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySetFitTrainer SetFit(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SetFitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BinarySetFitTrainer(CatalogEnvironment.Of(catalog), options);
    }

    private static SetFitOptions ToOptions(
        EncoderSource? encoder, string label, string sentence1, string score, string predicted, PeftMethod? peft, int iterations, int epochs, IDataView? validationSet) => new()
    {
        Encoder = encoder ?? EncoderSource.Default,
        LabelColumnName = label,
        Sentence1ColumnName = sentence1,
        ScoreColumnName = score,
        PredictedLabelColumnName = predicted,
        Peft = peft ?? new FullFineTuning(),
        Pairs = new PairSampling { Iterations = iterations },
        Training = { Epochs = epochs },
        ValidationSet = validationSet,
    };
}
