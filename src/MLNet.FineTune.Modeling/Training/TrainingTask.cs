namespace MLNet.FineTune.Training;

/// <summary>What a training run works on: everything that is not an option.</summary>
internal sealed class TrainingTask
{
    /// <summary>The trainable parameters; see <see cref="ParameterGroups.Build"/>.</summary>
    public required IReadOnlyList<ParameterGroup> Groups { get; init; }

    /// <summary>The loss of a batch. The model behind it is in training mode.</summary>
    public required ITrainingObjective Objective { get; init; }

    /// <summary>The peak learning rate where the options give none.</summary>
    public double DefaultLearningRate { get; init; } = 5e-5;

    /// <summary>The batches of each epoch.</summary>
    public required IBatchSampler Sampler { get; init; }

    /// <summary>Measures the model on rows set aside; null for no validation.</summary>
    public IValidator? Validator { get; init; }

    /// <summary>Further parts, called in this order and before the loop's own (validation, reports, checkpoints).</summary>
    public IReadOnlyList<ITrainingCallback> Callbacks { get; init; } = [];

    /// <summary>Parts that only look on: called after validation, hold no state, and change nothing in what is learnt.</summary>
    public IReadOnlyList<ITrainingCallback> Observers { get; init; } = [];

    /// <summary>The seed that the sampler and the caller's initialisation used; part of a checkpoint's identity.</summary>
    public int Seed { get; init; }

    /// <summary>A digest of the rows, labels and frozen weights, so that a checkpoint of other data is refused.</summary>
    public string DataFingerprint { get; init; } = "";

    /// <summary>What the objective is beside the options and the data, so that a checkpoint of another one is refused.</summary>
    public string ObjectiveFingerprint { get; init; } = "";

    /// <summary>Called before each batch; throws to cancel.</summary>
    public Action? CheckAlive { get; init; }

    /// <summary>Where checkpoints lie; null for the folder that the options name, if they do.</summary>
    public ICheckpointStore? CheckpointStore { get; init; }

    /// <summary>The clock of progress and time limits.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
