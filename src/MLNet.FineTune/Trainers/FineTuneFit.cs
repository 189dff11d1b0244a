using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Trainers;

/// <summary>What the multiclass and the binary trainer share: from data and options to a fitted classifier.</summary>
internal static class FineTuneFit
{
    public static (TextClassifier Classifier, TrainingSet Data) Run(IHost host, TextClassificationOptions options, IDataView data, ClassificationTask task)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        using IChannel channel = host.Start("Fine-tuning");
        var environment = (IHostEnvironmentInternal)host;
        TrainingSet train = TrainingSet.Read(host, data, options.TrainingColumns, task);
        TrainingSet? validation = options.ValidationSet is null ? null
            : TrainingSet.ReadValidation(host, options.ValidationSet, options.TrainingColumns, task, train.Classes);

        using var progress = new HostProgress(host, channel);
        TextClassifier classifier = FineTuner.Fit(new FineTuneTask
        {
            Encoder = options.Encoder!,
            Peft = options.Peft,
            Training = options.Training,
            Data = Texts(train),
            Validation = validation is null ? null : Texts(validation),
            ClassCount = train.Classes.Count,
            Pooling = options.Pooling,
            MaxLength = options.MaxLength,
            Truncation = options.Truncation,
            Precision = options.Precision,
            SavedWeights = options.SavedWeights,
            Device = Hardware.SelectDevice(options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu),
            Seed = host.Rand.Next(),
            Callbacks = [progress],
            CheckAlive = host.CheckAlive,
            Inform = line => channel.Info(line),
        });
        return (classifier, train);
    }

    private static LabelledTexts Texts(TrainingSet set) => new(set.Inputs, set.Labels, set.Weights);
}
