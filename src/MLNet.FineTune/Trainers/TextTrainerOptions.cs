using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune;

/// <summary>What all trainers of labelled texts are told: columns and how texts are read, beside what all trainers are told.</summary>
public abstract class TextTrainerOptions : EncoderTrainerOptions
{
    private const int FewTextsPerClass = 64;

    private protected TextTrainerOptions()
    {
    }

    /// <summary>The label column: a key for multiclass, Boolean for binary classification, a vector of either for several labels a text, a vector of keys for a label a word, a number for regression.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; set; } = DefaultColumnNames.Label;

    /// <summary>The column of texts.</summary>
    /// <value>Default <c>Sentence1</c>.</value>
    public string Sentence1ColumnName { get; set; } = "Sentence1";

    /// <summary>The column of the second texts, to classify pairs. How the encoder reads them, options of fine-tuning say (<see cref="PairEncoding"/>); SetFit and self-training read both in one input.</summary>
    /// <value>Default <see langword="null"/>: single texts.</value>
    public string? Sentence2ColumnName { get; set; }

    /// <summary>The output column of the predicted label.</summary>
    /// <value>Default <c>PredictedLabel</c>.</value>
    public string PredictedLabelColumnName { get; set; } = DefaultColumnNames.PredictedLabel;

    /// <summary>The output column of the probability of true; binary classification only.</summary>
    /// <value>Default <c>Probability</c>.</value>
    public string ProbabilityColumnName { get; set; } = DefaultColumnNames.Probability;

    /// <summary>How the vectors of the tokens become the vector that is classified.</summary>
    /// <value>Default <see langword="null"/>: as the checkpoint says; where it says nothing, the first token, or the mean with SetFit and a linear probe. On an encoder whose embeddings go through dense modules it has to be set.</value>
    public PoolingMode? Pooling { get; set; }

    /// <summary>What is kept of a text that is too long.</summary>
    /// <value>Default <see cref="Truncation.LongestFirst"/>.</value>
    public Truncation Truncation { get; set; } = Truncation.LongestFirst;

    internal TrainingColumns TrainingColumns => new(LabelColumnName, Sentence1ColumnName, Sentence2ColumnName, ExampleWeightColumnName);

    internal ScoringColumns ScoringColumns => new(Sentence1ColumnName, Sentence2ColumnName, ScoreColumnName, PredictedLabelColumnName, ProbabilityColumnName);

    /// <summary>Whether rows without a label are learnt from; otherwise they are skipped.</summary>
    internal virtual bool LearnsFromUnlabeled => false;

    /// <summary>Whether the names of the classes are learnt from, so that a class needs no rows.</summary>
    internal virtual bool LearnsClassNames => false;

    /// <summary>Reads the texts without labels.</summary>
    /// <param name="host">Polled for cancellation.</param>
    /// <param name="classes">The classes of the training data.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="withoutLabel">Rows of the training data that have no label.</param>
    /// <returns>The texts; null for none.</returns>
    internal virtual UnlabeledTexts? ReadUnlabeled(IHost host, ClassLabels classes, ClassificationTask task, IReadOnlyList<TextInput> withoutLabel) => null;

    /// <summary>The same options as an object of their own; the training options are shared.</summary>
    internal TextTrainerOptions Copy() => (TextTrainerOptions)MemberwiseClone();

    internal override PoolingMode? TextPooling => Pooling;

    internal override Truncation TextTruncation => Truncation;

    internal override void Validate()
    {
        TrainingColumns.Check();
        ScoringColumns.Check();
        base.Validate();
        Require(Pooling is null || Enum.IsDefined(Pooling.Value), nameof(Pooling), Pooling, string.Join(", ", Enum.GetNames<PoolingMode>()));
        Require(Enum.IsDefined(Truncation), nameof(Truncation), Truncation, string.Join(", ", Enum.GetNames<Truncation>()));
    }

    /// <summary>Checks how a head begins.</summary>
    private protected void ValidateHead(HeadInitialization initialization) =>
        Require(Enum.IsDefined(initialization), nameof(HeadInitialization), initialization, string.Join(", ", Enum.GetNames<HeadInitialization>()));

    /// <summary>Checks how pairs are read.</summary>
    private protected void ValidatePairs(PairEncoding encoding) =>
        Require(Enum.IsDefined(encoding), nameof(PairEncoding), encoding, string.Join(", ", Enum.GetNames<PairEncoding>()));

    /// <summary>Checks how a classification head begins.</summary>
    private protected void ValidateHead(HeadInitialization initialization, SetFitHead probe)
    {
        ValidateHead(initialization);
        Require(probe is not null, nameof(HeadInitialization.LinearProbe), null, $"a head, such as new {nameof(LogisticRegressionHead)}(); {nameof(HeadInitialization)} = {nameof(HeadInitialization)}.{HeadInitialization.Random} does without");
        probe!.Validate();
    }

    /// <summary>The head that training starts from; null for a random one.</summary>
    private protected static ProbedHead? CreateProbe(HeadInitialization initialization, SetFitHead probe) => CreateProbe(initialization, probe.CreateTrainer, FewTextsPerClass);

    /// <param name="initialization">What is asked for.</param>
    /// <param name="trainer">Makes what fits the head.</param>
    /// <param name="few">With more texts a class, or in all where numbers are predicted, the head would fit them so well that the encoder has little left to learn.</param>
    private protected static ProbedHead? CreateProbe(HeadInitialization initialization, Func<FineTuneTask, IHeadTrainer> trainer, int few) =>
        initialization == HeadInitialization.Random ? null : new ProbedHead(trainer, initialization == HeadInitialization.Auto ? few : null);
}
