using System.Text.Json.Serialization;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>How a model is trained: optimiser, schedule, validation, checkpoints and reports.</summary>
public sealed class TrainingOptions
{
    /// <summary>How often each row is seen. Has no effect when <see cref="MaxSteps"/> is set.</summary>
    /// <value>Default 3; at least 1.</value>
    [Range(1, 20, 3)]
    public int Epochs { get; set; } = 3;

    /// <summary>The number of optimiser steps; the data are repeated as often as that takes.</summary>
    /// <value>Default <see langword="null"/>: as many as <see cref="Epochs"/> take.</value>
    public int? MaxSteps { get; set; }

    /// <summary>The time after which training ends, after the step in progress. The learning-rate schedule is fitted to it.</summary>
    /// <value>Default <see langword="null"/>: no limit.</value>
    public TimeSpan? MaxDuration { get; set; }

    /// <summary>Rows that go through the model at once.</summary>
    /// <value>Default 32; at least 1.</value>
    [Choice([8, 16, 32, 64], 32)]
    public int BatchSize { get; set; } = 32;

    /// <summary>Batches whose gradients are added up before a step: a larger batch in the memory of a small one.</summary>
    /// <value>Default 1; at least 1.</value>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>The peak learning rate.</summary>
    /// <value>Default <see langword="null"/>: the one that suits the method and the size of the encoder: for one of BERT-base's size 5e-5 with <see cref="FullFineTuning"/>, 5e-4 with <see cref="Lora"/>, 1e-3 with <see cref="HeadOnly"/>, more for smaller ones; above 0.</value>
    [Range(1e-6, 1e-2, 5e-5, true)]
    public double? LearningRate { get; set; }

    /// <summary>Decoupled weight decay (AdamW); biases and normalisation parameters are exempt.</summary>
    /// <value>Default 0.01; 0 or more.</value>
    [Range(0.0, 0.3, 0.01)]
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>Decay of the running average of the gradients.</summary>
    /// <value>Default 0.9; from 0 to below 1.</value>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the running average of the squared gradients.</summary>
    /// <value>Default 0.999; from 0 to below 1.</value>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Added to the root of the squared average, for numerical stability.</summary>
    /// <value>Default 1e-8; above 0.</value>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>How the learning rate moves after the warm-up.</summary>
    /// <value>Default <see cref="LearningRateSchedule.Linear"/>.</value>
    [Choice(LearningRateSchedule.Linear, LearningRateSchedule.Cosine, LearningRateSchedule.Constant, LearningRateSchedule.SlantedTriangular)]
    public LearningRateSchedule Schedule { get; set; } = LearningRateSchedule.Linear;

    /// <summary>The share of all steps over which the learning rate rises to its peak.</summary>
    /// <value>Default 0.06; 0 to 1. Has no effect when <see cref="WarmupSteps"/> is set.</value>
    [Range(0.0, 0.3, 0.06)]
    public double WarmupRatio { get; set; } = 0.06;

    /// <summary>The number of steps over which the learning rate rises to its peak.</summary>
    /// <value>Default <see langword="null"/>: <see cref="WarmupRatio"/> decides.</value>
    public int? WarmupSteps { get; set; }

    /// <summary>The norm to which larger gradients are scaled down.</summary>
    /// <value>Default 1; above 0, or <see cref="double.PositiveInfinity"/> for no clipping.</value>
    public double MaxGradientNorm { get; set; } = 1.0;

    /// <summary>The factor by which each encoder layer learns slower than the one above it.</summary>
    /// <value>Default 1: all alike; above 0, up to 1.</value>
    [Range(0.7, 1.0, 1.0)]
    public double LayerwiseLearningRateDecay { get; set; } = 1.0;

    /// <summary>Takes a mean of the weights that training goes through for its result, in validation too.</summary>
    /// <value>Default <see langword="null"/>: the weights as they are.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightAveraging? WeightAveraging { get; set; }

    /// <summary>The share of the probability that the target gives evenly to all classes.</summary>
    /// <value>Default 0; from 0 to below 1.</value>
    [Range(0.0, 0.2, 0.0)]
    public double LabelSmoothing { get; set; }

    /// <summary>How much the classes count in the loss.</summary>
    /// <value>Default <see cref="ClassWeighting.None"/>. Has no effect when <see cref="ClassWeights"/> is set.</value>
    [Choice(ClassWeighting.None, ClassWeighting.Balanced)]
    public ClassWeighting ClassWeighting { get; set; } = ClassWeighting.None;

    /// <summary>The weight of each class in the loss, in the order of the key values.</summary>
    /// <value>Default <see langword="null"/>: <see cref="ClassWeighting"/> decides. Each 0 or more, one at least above 0.</value>
    public float[]? ClassWeights { get; set; }

    /// <summary>The share of the training rows, drawn from each class, that is set aside for validation. Has no effect when a validation set is given.</summary>
    /// <value>Default 0: no validation; from 0 to below 1.</value>
    public double ValidationFraction { get; set; }

    /// <summary>What is measured on the validation rows. The weights with the best value are the ones that training returns.</summary>
    /// <value>Default <see cref="MLNet.FineTune.ValidationMetric.Accuracy"/>.</value>
    public ValidationMetric ValidationMetric { get; set; } = ValidationMetric.Accuracy;

    /// <summary>The number of steps between evaluations.</summary>
    /// <value>Default <see langword="null"/>: after each epoch.</value>
    public int? EvaluateEverySteps { get; set; }

    /// <summary>The number of evaluations without improvement after which training ends.</summary>
    /// <value>Default <see langword="null"/>: training runs to its end.</value>
    public int? EarlyStoppingPatience { get; set; }

    /// <summary>
    /// The folder that holds the checkpoint from which an interrupted training goes on exactly. A training that runs
    /// to its end deletes its checkpoint. The process that goes on must draw the same random numbers: give the
    /// <c>MLContext</c> a seed; without one, a training with checkpoints uses a fixed seed.
    /// </summary>
    /// <value>Default <see langword="null"/>: no checkpoints.</value>
    public string? CheckpointDirectory { get; set; }

    /// <summary>The number of steps between checkpoints.</summary>
    /// <value>Default <see langword="null"/>: after each epoch.</value>
    public int? CheckpointEverySteps { get; set; }

    /// <summary>
    /// Whether a checkpoint found in <see cref="CheckpointDirectory"/> is gone on from. One of another training (other
    /// options, parameters or data) is an error, never silently overwritten.
    /// </summary>
    /// <value>Default <see langword="true"/>; <see langword="false"/> starts anew and overwrites it.</value>
    public bool ResumeFromCheckpoint { get; set; } = true;

    /// <summary>
    /// Memory for the outputs of the lowest layers where these neither train nor carry a module: they are computed once for
    /// each text and read again in later epochs. What does not fit goes to a temporary file. With a <see cref="CheckpointDirectory"/> they are
    /// computed text by text, so that a training that goes on has the same ones to the bit.
    /// </summary>
    /// <value>Default 1024 megabytes; 0 computes all layers every time.</value>
    public int FrozenStateMegabytes { get; set; } = 1024;

    /// <summary>The folder that receives TensorBoard event files: loss, learning rate, gradient norm, rows a second, validation metric.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? TensorBoardDirectory { get; set; }

    /// <summary>Receives a report after each step, and one more for it when an evaluation follows that changes the validation metric.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Ends training before the next step with an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default <see cref="CancellationToken.None"/>.</value>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The same for a training beside the user's: nothing is validated, written or reported.</summary>
    internal TrainingOptions ForTrial()
    {
        TrainingOptions options = Copy();
        (options.ValidationFraction, options.EarlyStoppingPatience, options.EvaluateEverySteps) = (0, null, null);
        (options.CheckpointDirectory, options.TensorBoardDirectory, options.Progress) = (null, null, null);
        return options;
    }

    /// <summary>The same options as an object of their own.</summary>
    internal TrainingOptions Copy() => (TrainingOptions)MemberwiseClone();

    /// <summary>A copy for a further phase that has its own length: neither the first one's limits nor its folders.</summary>
    internal TrainingOptions Beside()
    {
        TrainingOptions options = Copy();
        (options.MaxSteps, options.MaxDuration, options.WarmupSteps, options.EvaluateEverySteps) = (null, null, null, null);
        (options.CheckpointDirectory, options.TensorBoardDirectory) = (null, null);
        return options;
    }

    /// <summary>A copy for one of several phases of a training: it names no folder for checkpoints, and their interval is the whole training's; cancellation, reports and metric are too where it names none of its own.</summary>
    internal TrainingOptions ForPhase(TrainingOptions whole)
    {
        TrainingOptions options = Copy();
        options.CheckpointDirectory = null;
        (options.CheckpointEverySteps, options.ResumeFromCheckpoint) = (whole.CheckpointEverySteps, whole.ResumeFromCheckpoint);
        options.CancellationToken = options.CancellationToken.CanBeCanceled ? options.CancellationToken : whole.CancellationToken;
        options.Progress ??= whole.Progress;
        options.TensorBoardDirectory ??= whole.TensorBoardDirectory;
        options.ValidationMetric = whole.ValidationMetric;
        return options;
    }

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(MaxSteps is null or >= 1, nameof(MaxSteps), MaxSteps, "null or at least 1");
        Require(MaxDuration is null || MaxDuration > TimeSpan.Zero, nameof(MaxDuration), MaxDuration, "null or above zero");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(FrozenStateMegabytes >= 0, nameof(FrozenStateMegabytes), FrozenStateMegabytes, "0 or more");
        Require(AccumulationSteps >= 1, nameof(AccumulationSteps), AccumulationSteps, "at least 1");
        Require(LearningRate is null || (LearningRate > 0 && double.IsFinite(LearningRate.Value)), nameof(LearningRate), LearningRate, "null or a finite number above 0");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "a finite number of 0 or more");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "from 0 to below 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "from 0 to below 1");
        Require(Epsilon > 0 && double.IsFinite(Epsilon), nameof(Epsilon), Epsilon, "a finite number above 0");
        Require(Enum.IsDefined(Schedule), nameof(Schedule), Schedule, string.Join(", ", Enum.GetNames<LearningRateSchedule>()));
        Require(WarmupRatio is >= 0 and <= 1, nameof(WarmupRatio), WarmupRatio, "0 to 1");
        Require(WarmupSteps is null or >= 0, nameof(WarmupSteps), WarmupSteps, "null or at least 0");
        Require(MaxGradientNorm > 0, nameof(MaxGradientNorm), MaxGradientNorm, "above 0; PositiveInfinity for no clipping");
        Require(LayerwiseLearningRateDecay is > 0 and <= 1, nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay, "above 0, up to 1");
        WeightAveraging?.Validate();
        Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "from 0 to below 1");
        Require(Enum.IsDefined(ClassWeighting), nameof(ClassWeighting), ClassWeighting, string.Join(", ", Enum.GetNames<ClassWeighting>()));
        Require(ClassWeights is null || (Array.TrueForAll(ClassWeights, w => w >= 0 && float.IsFinite(w)) && ClassWeights.Any(w => w > 0)),
            nameof(ClassWeights), ClassWeights is null ? null : $"[{string.Join(", ", ClassWeights)}]", "finite numbers of 0 or more, one at least above 0");
        Require(ValidationFraction is >= 0 and < 1, nameof(ValidationFraction), ValidationFraction, "from 0 to below 1");
        Require(Enum.IsDefined(ValidationMetric), nameof(ValidationMetric), ValidationMetric, string.Join(", ", Enum.GetNames<ValidationMetric>()));
        Require(EvaluateEverySteps is null or >= 1, nameof(EvaluateEverySteps), EvaluateEverySteps, "null or at least 1");
        Require(EarlyStoppingPatience is null or >= 1, nameof(EarlyStoppingPatience), EarlyStoppingPatience, "null or at least 1");
        Require(CheckpointEverySteps is null or >= 1, nameof(CheckpointEverySteps), CheckpointEverySteps, "null or at least 1");
        Require(CheckpointDirectory is null || CheckpointDirectory.Trim().Length > 0, nameof(CheckpointDirectory), CheckpointDirectory, "null or a path");
        Require(TensorBoardDirectory is null || TensorBoardDirectory.Trim().Length > 0, nameof(TensorBoardDirectory), TensorBoardDirectory, "null or a path");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(TrainingOptions), option, found is string text ? $"'{text}'" : found, expected, option);
}
