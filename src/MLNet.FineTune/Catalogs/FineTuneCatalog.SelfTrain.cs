using Microsoft.ML.Data;
using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Learns to classify texts into the classes of a key, from labelled texts and from texts without labels.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="unlabeled">The texts without labels, in columns of the same names as those of the training data.</param>
    /// <param name="method">How they are learnt from; null for <see cref="ExpectationMaximization"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, to classify pairs; null for single texts.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSelfTrainer SelfTrain(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        IDataView unlabeled,
        SelfTrainingMethod? method = null,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        PeftMethod? peft = null,
        IDataView? validationSet = null) =>
        catalog.SelfTrain(SelfTraining(unlabeled, method, encoder, labelColumnName, sentence1ColumnName, sentence2ColumnName, peft, validationSet));

    /// <summary>Learns to classify texts into the classes of a key, from labelled texts and from texts without labels, with all options.</summary>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static MulticlassSelfTrainer SelfTrain(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, SelfTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticlassSelfTrainer(CatalogEnvironment.Of(catalog), options);
    }

    /// <summary>Learns to tell true from false texts, from labelled texts and from texts without labels.</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="unlabeled">The texts without labels, in columns of the same names as those of the training data.</param>
    /// <param name="method">How they are learnt from; null for <see cref="ExpectationMaximization"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column, Boolean.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, to classify pairs; null for single texts.</param>
    /// <param name="peft">What of the encoder trains; null for <see cref="FullFineTuning"/>.</param>
    /// <param name="validationSet">Data to measure on while training; the best weights are kept.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySelfTrainer SelfTrain(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        IDataView unlabeled,
        SelfTrainingMethod? method = null,
        EncoderSource? encoder = null,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        PeftMethod? peft = null,
        IDataView? validationSet = null) =>
        catalog.SelfTrain(SelfTraining(unlabeled, method, encoder, labelColumnName, sentence1ColumnName, sentence2ColumnName, peft, validationSet));

    /// <summary>Learns to tell true from false texts, from labelled texts and from texts without labels, with all options.</summary>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static BinarySelfTrainer SelfTrain(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, SelfTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BinarySelfTrainer(CatalogEnvironment.Of(catalog), options);
    }

    private static SelfTrainingOptions SelfTraining(
        IDataView unlabeled, SelfTrainingMethod? method, EncoderSource? encoder, string label, string sentence1, string? sentence2, PeftMethod? peft, IDataView? validationSet)
    {
        ArgumentNullException.ThrowIfNull(unlabeled);
        return new SelfTrainingOptions
        {
            Unlabeled = unlabeled,
            Method = method ?? new ExpectationMaximization(),
            Encoder = encoder ?? EncoderSource.Default,
            LabelColumnName = label,
            Sentence1ColumnName = sentence1,
            Sentence2ColumnName = sentence2,
            Peft = peft ?? new FullFineTuning(),
            ValidationSet = validationSet,
        };
    }
}
