using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Makes a multiclass classifier, the student, of texts without labels: its encoder learns to find them as similar as the teacher's, then a head is fitted on what the teacher predicts (SetFit's distillation, arXiv 2209.11055).</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="teacher">A fitted classifier, which is used while the student is trained and not disposed.</param>
    /// <param name="encoder">Where the student's encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="scoreColumnName">The output column of the class probabilities.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="iterations">An epoch has twice as many pairs for each text.</param>
    /// <param name="epochs">How many epochs the first phase has.</param>
    /// <param name="labelledSet">Texts with true labels in the column <c>Label</c>, which are learnt too; null for none.</param>
    /// <returns>The trainer, which is fitted to texts without labels.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSetFitDistillationTrainer DistillSetFit(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        MulticlassTextClassificationTransformer teacher,
        EncoderSource? encoder = null,
        string sentence1ColumnName = "Sentence1",
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int iterations = 20,
        int epochs = 1,
        IDataView? labelledSet = null) =>
        catalog.DistillSetFit(teacher, ToOptions(encoder, sentence1ColumnName, scoreColumnName, predictedLabelColumnName, peft, iterations, epochs, labelledSet));

    /// <summary>Makes a multiclass classifier of texts without labels and a teacher, with all options (SetFit's distillation, arXiv 2209.11055).</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="teacher">A fitted classifier, which is used while the student is trained and not disposed.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer, which is fitted to texts without labels.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSetFitDistillationTrainer DistillSetFit(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MulticlassTextClassificationTransformer teacher, SetFitDistillationOptions options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(options);
        return new MulticlassSetFitDistillationTrainer(CatalogEnvironment.Of(catalog), teacher, options);
    }

    /// <summary>Makes a binary classifier, the student, of texts without labels: its encoder learns to find them as similar as the teacher's, then a head is fitted on what the teacher predicts (SetFit's distillation, arXiv 2209.11055).</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="teacher">A fitted classifier, which is used while the student is trained and not disposed.</param>
    /// <param name="encoder">Where the student's encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="scoreColumnName">The output column of the log-odds of true.</param>
    /// <param name="predictedLabelColumnName">The output column of the predicted label.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="iterations">An epoch has twice as many pairs for each text.</param>
    /// <param name="epochs">How many epochs the first phase has.</param>
    /// <param name="labelledSet">Texts with true labels in the column <c>Label</c>, which are learnt too; null for none.</param>
    /// <returns>The trainer, which is fitted to texts without labels.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySetFitDistillationTrainer DistillSetFit(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        BinaryTextClassificationTransformer teacher,
        EncoderSource? encoder = null,
        string sentence1ColumnName = "Sentence1",
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        PeftMethod? peft = null,
        int iterations = 20,
        int epochs = 1,
        IDataView? labelledSet = null) =>
        catalog.DistillSetFit(teacher, ToOptions(encoder, sentence1ColumnName, scoreColumnName, predictedLabelColumnName, peft, iterations, epochs, labelledSet));

    /// <summary>Makes a binary classifier of texts without labels and a teacher, with all options (SetFit's distillation, arXiv 2209.11055).</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="teacher">A fitted classifier, which is used while the student is trained and not disposed.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer, which is fitted to texts without labels.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySetFitDistillationTrainer DistillSetFit(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, BinaryTextClassificationTransformer teacher, SetFitDistillationOptions options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(options);
        return new BinarySetFitDistillationTrainer(CatalogEnvironment.Of(catalog), teacher, options);
    }

    private static SetFitDistillationOptions ToOptions(
        EncoderSource? encoder, string sentence1, string score, string predicted, PeftMethod? peft, int iterations, int epochs, IDataView? labelledSet) => new()
    {
        Encoder = encoder ?? EncoderSource.Default,
        Sentence1ColumnName = sentence1,
        ScoreColumnName = score,
        PredictedLabelColumnName = predicted,
        Peft = peft ?? new FullFineTuning(),
        Pairs = new PairSampling { Iterations = iterations },
        Training = { Epochs = epochs },
        LabelledSet = labelledSet,
    };
}
