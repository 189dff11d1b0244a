using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Trainers;

/// <summary>What all trainers share: from data and options to a fitted classifier.</summary>
internal static class FineTuneFit
{
    /// <summary>What a run with checkpoints is seeded with where the context has no seed: the process that resumes must draw what the killed one drew.</summary>
    private const int UnseededCheckpointSeed = 1;

    /// <param name="host">Host of the trainer.</param>
    /// <param name="options">The trainer's options.</param>
    /// <param name="seed">Drawn once a trainer, so that each of its fits gives the same model and a cancelled one can be resumed.</param>
    /// <param name="data">Labelled texts.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="train">Makes the classifier.</param>
    public static (TextClassifier Classifier, TrainingSet Data) Run(
        IHost host, TextTrainerOptions options, int seed, IDataView data, ClassificationTask task, Func<FineTuneTask, TextClassifier> train)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        using IChannel channel = host.Start("Fine-tuning");
        var environment = (IHostEnvironmentInternal)host;
        // Before the data is read, which may take long: whether there is anything to compute on.
        var device = Hardware.SelectDevice(options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu);
        TrainingSet set = TrainingSet.Read(host, data, options.TrainingColumns, task);
        TrainingSet? validation = options.ValidationSet is null ? null
            : TrainingSet.ReadValidation(host, options.ValidationSet, options.TrainingColumns, task, set.Classes);
        if (validation is null && options.Training.ValidationFraction > 0 && set.LabelSets is null)
            set.RequireSplit(options.LabelColumnName);

        using var progress = new HostProgress(host, channel);
        TextClassifier classifier = train(new FineTuneTask
        {
            Encoder = options.Encoder,
            Peft = options.Peft,
            Training = options.Training,
            Data = Texts(set),
            Validation = validation is null ? null : Texts(validation),
            ClassCount = set.Classes.Count,
            Pooling = options.Pooling,
            MaxLength = options.MaxLength,
            Truncation = options.Truncation,
            Precision = options.Precision,
            SavedWeights = options.SavedWeights,
            Device = device,
            Seed = options.Training.CheckpointDirectory is not null && environment.Seed is null ? UnseededCheckpointSeed : seed,
            Observers = [progress],
            CheckAlive = host.CheckAlive,
            Inform = line => channel.Info(line),
        });
        return (classifier, set);
    }

    private static LabelledTexts Texts(TrainingSet set) => new(set.Inputs, set.Labels, set.Weights, set.LabelSets);
}
