using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>Chooses the parts of a run that its options ask for.</summary>
internal static class TrainingParts
{
    /// <summary>The callbacks in the order in which they are called: the task's, the averaging of weights, validation, reports, and last the checkpoint, which thus holds what all others did, and the observers.</summary>
    public static IReadOnlyList<ITrainingCallback> Assemble(TrainingTask task, TrainingOptions options, AdamW optimizer, AveragedWeights? average, Validation? validation)
    {
        List<ITrainingCallback> parts = [.. task.Callbacks];
        if (task.Groups[0].Parameters[0].Parameter.device_type == DeviceType.CUDA)
            parts.Add(new CudaRandomness(task.Seed));
        if (average is not null)
            parts.Add(average);
        if (validation is not null)
            parts.Add(validation);
        if (options.Progress is not null)
            parts.Add(new ProgressReporter(options.Progress, task.Clock));
        if (options.TensorBoardDirectory is not null)
            parts.Add(new TensorBoardLogger(options.TensorBoardDirectory));

        ICheckpointStore? store = task.CheckpointStore ?? (options.CheckpointDirectory is null ? null : new FileCheckpointStore(options.CheckpointDirectory));
        if (store is not null)
            parts.Add(new Checkpointing(store, TrainingFingerprint.Of(task, options), optimizer, [.. parts]));
        return [.. parts, .. task.Observers];
    }

    /// <summary>Checks that task and options fit each other.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void Check(TrainingTask task, TrainingOptions options)
    {
        if (task.Groups.Sum(group => group.Parameters.Count) == 0)
            throw new ArgumentException("The task has no trainable parameters.", nameof(task));
        if (task.Groups.SelectMany(group => group.Parameters).GroupBy(member => member.Name).FirstOrDefault(group => group.Count() > 1) is { } name)
            throw new ArgumentException($"{name.Count()} parameters are named '{name.Key}'; expected unique names.", nameof(task));
        if (task.Sampler.BatchesPerEpoch < 1)
            throw new ArgumentException("The task has no training rows.", nameof(task));
        if (options.EarlyStoppingPatience is not null && task.Validator is null)
            throw new ArgumentException(
                $"{nameof(TrainingOptions)}.{nameof(options.EarlyStoppingPatience)} is {options.EarlyStoppingPatience}, but nothing is validated; " +
                $"give a validation set or set {nameof(options.ValidationFraction)} above 0.", nameof(options));
        if (task.Callbacks.GroupBy(callback => callback.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Count()} callbacks are named '{twice.Key}'; expected unique names.", nameof(task));
    }
}
