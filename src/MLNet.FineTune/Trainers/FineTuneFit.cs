using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Transformers;

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
        TrainingSet? set = null;
        TextClassifier classifier = Run(host, options, seed, () =>
        {
            List<TextInput>? withoutLabel = options.LearnsFromUnlabeled ? [] : null;
            set = TrainingSet.Read(host, data, options.TrainingColumns, task, withoutLabel, options.LearnsClassNames);
            TrainingSet? validation = ReadValidation(host, options, task, set.Classes, "training set");
            if (validation is null && options.Training.ValidationFraction > 0 && set is { LabelSets: null, Targets: null, Tags: null })
                set.RequireSplit(options.LabelColumnName);
            return new FitData(set.Texts, validation?.Texts, set.Classes, options.ReadUnlabeled(host, set.Classes, task, withoutLabel ?? []));
        }, train);
        return (classifier, set!);
    }

    /// <summary>The validation set that the options name; null for none.</summary>
    /// <param name="host">Host of the trainer.</param>
    /// <param name="options">The trainer's options.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="classes">The classes they must have.</param>
    /// <param name="owner">What has the classes, for messages.</param>
    public static TrainingSet? ReadValidation(IHost host, TextTrainerOptions options, ClassificationTask task, ClassLabels classes, string owner) => options.ValidationSet is null ? null
        : TrainingSet.ReadValidation(host, options.ValidationSet, options.TrainingColumns, task, classes, owner);

    /// <summary>What long work polls beside training: both the context and the options' token can cancel it.</summary>
    public static Action CheckAlive(IHost host, TrainingOptions training) => () =>
    {
        training.CancellationToken.ThrowIfCancellationRequested();
        host.CheckAlive();
    };

    /// <param name="host">Host of the trainer.</param>
    /// <param name="options">The trainer's options.</param>
    /// <param name="seed">See the other method.</param>
    /// <param name="read">Reads the data; called once it is known that there is a device to compute on.</param>
    /// <param name="train">Makes the classifier.</param>
    public static TextClassifier Run(IHost host, EncoderTrainerOptions options, int seed, Func<FitData> read, Func<FineTuneTask, TextClassifier> train)
    {
        options.Validate();
        using IChannel channel = host.Start("Fine-tuning");
        var environment = (IHostEnvironmentInternal)host;
        // Before the data is read, which may take long: whether there is anything to compute on.
        var device = Hardware.SelectDevice(options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu);
        FitData data = read();
        ClassWeights.Check(options.Training, data.Classes.Count);
        int runSeed = options.Training.CheckpointDirectory is not null && environment.Seed is null ? UnseededCheckpointSeed : seed;
        using var progress = new HostProgress(host, channel);
        return train(new FineTuneTask
        {
            Encoder = options.Encoder,
            Peft = options.Peft,
            Training = options.Training,
            Data = data.Train,
            Validation = data.Validation,
            ClassCount = data.Classes.Count,
            Scale = data.Train.Targets is { } targets ? TargetScale.Of(targets) : null,
            ClassNames = data.Classes.Values?.Names,
            ClassKeys = data.Classes.Names,
            Prompt = options.TextPrompt,
            Consistency = options.Regularization,
            Unlabeled = data.Unlabeled,
            LinearProbe = options.ProbedHead,
            Answers = options.Answers,
            Pooling = options.TextPooling,
            Pairs = options.TextPairs,
            MaxLength = options.MaxLength,
            Truncation = options.TextTruncation,
            Precision = options.Precision,
            SavedWeights = options.SavedWeights,
            Device = device,
            Seed = runSeed,
            Observers = [progress],
            CheckAlive = CheckAlive(host, options.Training),
            Inform = line => channel.Info(line),
        });
    }
}

/// <summary>What was read to learn from.</summary>
/// <param name="Train">Texts to learn.</param>
/// <param name="Validation">Texts to measure on; null for none, or for a share of the others.</param>
/// <param name="Classes">The classes.</param>
/// <param name="Unlabeled">Texts to learn from without labels; null for none.</param>
internal sealed record FitData(LabelledTexts Train, LabelledTexts? Validation, ClassLabels Classes, UnlabeledTexts? Unlabeled = null);
