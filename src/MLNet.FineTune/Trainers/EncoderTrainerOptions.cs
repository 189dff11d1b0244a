using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>What all trainers that fine-tune an encoder are told: the encoder, what of it trains and how, and what is saved.</summary>
public abstract class EncoderTrainerOptions
{
    private protected EncoderTrainerOptions()
    {
    }

    /// <summary>A column with a weight for each row, by which it counts in the loss.</summary>
    /// <value>Default <see langword="null"/>: all rows count the same.</value>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>The output column of the scores.</summary>
    /// <value>Default <c>Score</c>.</value>
    public string ScoreColumnName { get; set; } = DefaultColumnNames.Score;

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

    /// <summary>Longest input in tokens, special tokens included; what is longer is cut.</summary>
    /// <value>Default <see langword="null"/>: as much as the encoder takes; with a question and its context, 384 at most.</value>
    public int? MaxLength { get; set; }

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

    /// <summary>The head that training starts from; null for a random one.</summary>
    internal virtual ProbedHead? ProbedHead => null;

    /// <summary>What texts are put into; null for nothing.</summary>
    internal virtual ClozePrompt? TextPrompt => null;

    /// <summary>What is taught beside the labels; null for nothing.</summary>
    internal virtual ConsistencyRegularization? Regularization => null;

    /// <summary>How answers are found in contexts; null where texts have classes or numbers.</summary>
    internal virtual AnswerRules? Answers => null;

    /// <summary>How the vectors of the tokens become the vector that is classified; null for the checkpoint's way.</summary>
    internal virtual PoolingMode? TextPooling => null;

    /// <summary>How pairs are read.</summary>
    internal virtual PairEncoding TextPairs => PairEncoding.Joint;

    /// <summary>What is kept of a text that is too long.</summary>
    internal virtual Truncation TextTruncation => Truncation.LongestFirst;

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
        Require(Encoder is not null, nameof(Encoder), null, $"a source, such as {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}(\"models/minilm\")");
        Require(Peft is not null, nameof(Peft), null, $"a method, such as new {nameof(Lora)}()");
        Require(Training is not null, nameof(Training), null, $"{nameof(TrainingOptions)}");
        Require(MaxLength is null or >= 3, nameof(MaxLength), MaxLength, "null or at least 3");
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
