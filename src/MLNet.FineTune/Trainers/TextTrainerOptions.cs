using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune;

/// <summary>What all trainers of texts are told: columns, encoder, what of it trains and how, and what is saved.</summary>
public abstract class TextTrainerOptions
{
    private protected TextTrainerOptions()
    {
    }

    /// <summary>The label column: a key for multiclass, Boolean for binary classification, a vector of either for several labels a text, a vector of keys for a label a word, a number for regression.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; set; } = DefaultColumnNames.Label;

    /// <summary>The column of texts.</summary>
    /// <value>Default <c>Sentence1</c>.</value>
    public string Sentence1ColumnName { get; set; } = "Sentence1";

    /// <summary>The column of the second texts, to classify pairs.</summary>
    /// <value>Default <see langword="null"/>: single texts.</value>
    public string? Sentence2ColumnName { get; set; }

    /// <summary>A column with a weight for each row, by which it counts in the loss.</summary>
    /// <value>Default <see langword="null"/>: all rows count the same.</value>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>The output column of the scores.</summary>
    /// <value>Default <c>Score</c>.</value>
    public string ScoreColumnName { get; set; } = DefaultColumnNames.Score;

    /// <summary>The output column of the predicted label.</summary>
    /// <value>Default <c>PredictedLabel</c>.</value>
    public string PredictedLabelColumnName { get; set; } = DefaultColumnNames.PredictedLabel;

    /// <summary>The output column of the probability of true; binary classification only.</summary>
    /// <value>Default <c>Probability</c>.</value>
    public string ProbabilityColumnName { get; set; } = DefaultColumnNames.Probability;

    /// <summary>Where the pretrained encoder comes from.</summary>
    /// <value>Default <see cref="EncoderSource.Default"/>.</value>
    public EncoderSource Encoder { get; set; } = EncoderSource.Default;

    /// <summary>What of the encoder trains.</summary>
    /// <value>Default <see cref="FullFineTuning"/>.</value>
    public PeftMethod Peft { get; set; } = new FullFineTuning();

    /// <summary>Epochs, learning rate, validation, checkpoints, progress and cancellation.</summary>
    /// <value>The defaults of <see cref="TrainingOptions"/>.</value>
    public TrainingOptions Training { get; set; } = new();

    /// <summary>Data to measure on while training; its label must have the key values of the training data's.</summary>
    /// <value>Default <see langword="null"/>: <see cref="TrainingOptions.ValidationFraction"/> of the training data.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>How the vectors of the tokens become the vector that is classified.</summary>
    /// <value>Default <see langword="null"/>: as the checkpoint says; where it says nothing, the first token, or the mean with SetFit and a linear probe. On an encoder whose embeddings go through dense modules it has to be set.</value>
    public PoolingMode? Pooling { get; set; }

    /// <summary>Longest input in tokens, special tokens included; what is longer is cut.</summary>
    /// <value>Default <see langword="null"/>: as much as the encoder takes.</value>
    public int? MaxLength { get; set; }

    /// <summary>What is kept of a text that is too long.</summary>
    /// <value>Default <see cref="Truncation.LongestFirst"/>.</value>
    public Truncation Truncation { get; set; } = Truncation.LongestFirst;

    /// <summary>The number format to compute in.</summary>
    /// <value>Default <see cref="Precision.Auto"/>.</value>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>What of the fitted model goes into a saved file.</summary>
    /// <value>Default <see cref="SavedWeights.Embedded"/>.</value>
    public SavedWeights SavedWeights { get; set; } = SavedWeights.Embedded;

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <see cref="MLContext"/>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <see cref="MLContext"/> says.</value>
    public bool? FallbackToCpu { get; set; }

    internal TrainingColumns TrainingColumns => new(LabelColumnName, Sentence1ColumnName, Sentence2ColumnName, ExampleWeightColumnName);

    internal ScoringColumns ScoringColumns => new(Sentence1ColumnName, Sentence2ColumnName, ScoreColumnName, PredictedLabelColumnName, ProbabilityColumnName);

    /// <summary>Whether rows without a label are learnt from; otherwise they are skipped.</summary>
    internal virtual bool LearnsFromUnlabeled => false;

    /// <summary>Whether the names of the classes are learnt from, so that a class needs no rows.</summary>
    internal virtual bool LearnsClassNames => false;

    /// <summary>What fits the head that training starts from; null for a random one.</summary>
    internal virtual Func<FineTuneTask, IHeadTrainer>? CreateLinearProbe => null;

    /// <summary>What texts are put into; null for nothing.</summary>
    internal virtual ClozePrompt? TextPrompt => null;

    /// <summary>What is taught beside the labels; null for nothing.</summary>
    internal virtual ConsistencyRegularization? Regularization => null;

    /// <summary>Reads the texts without labels.</summary>
    /// <param name="host">Polled for cancellation.</param>
    /// <param name="classes">The classes of the training data.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="withoutLabel">Rows of the training data that have no label.</param>
    /// <returns>The texts; null for none.</returns>
    internal virtual UnlabeledTexts? ReadUnlabeled(IHost host, ClassLabels classes, ClassificationTask task, IReadOnlyList<TextInput> withoutLabel) => null;

    /// <summary>The same options as an object of their own; the training options are shared.</summary>
    internal TextTrainerOptions Copy() => (TextTrainerOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
        TrainingColumns.Check();
        ScoringColumns.Check();
        Require(Encoder is not null, nameof(Encoder), null, $"a source, such as {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}(\"models/minilm\")");
        Require(Peft is not null, nameof(Peft), null, $"a method, such as new {nameof(Lora)}()");
        Require(Training is not null, nameof(Training), null, $"{nameof(TrainingOptions)}");
        Require(MaxLength is null or >= 3, nameof(MaxLength), MaxLength, "null or at least 3");
        Require(Pooling is null || Enum.IsDefined(Pooling.Value), nameof(Pooling), Pooling, string.Join(", ", Enum.GetNames<PoolingMode>()));
        Require(Enum.IsDefined(Truncation), nameof(Truncation), Truncation, string.Join(", ", Enum.GetNames<Truncation>()));
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<Precision>()));
        Require(Enum.IsDefined(SavedWeights), nameof(SavedWeights), SavedWeights, string.Join(", ", Enum.GetNames<SavedWeights>()));
        Require(SavedWeights != SavedWeights.AdapterOnly || !Peft!.ReplacesBase, nameof(SavedWeights), SavedWeights,
            $"{nameof(SavedWeights.Embedded)} with the method '{Peft!.MethodName}', which trains the encoder's own weights; or an adapter method such as new {nameof(Lora)}()");
        Peft!.Validate();
        Training!.Validate();
    }

    /// <summary>Where something is measured while training, the metric must be one that the task has.</summary>
    private protected void RequireMetric(IReadOnlyList<ValidationMetric> defined) => Require(
        (ValidationSet is null && Training.ValidationFraction == 0) || defined.Contains(Training.ValidationMetric),
        $"{nameof(Training)}.{nameof(TrainingOptions.ValidationMetric)}", Training.ValidationMetric, $"{string.Join(", ", defined.SkipLast(1))} or {defined[^1]}");

    private protected void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, GetType().Name, option, found, expected, option);
}
