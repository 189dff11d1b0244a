using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.PretrainedModels;

/// <summary>Opens checkpoints that are fine-tuned already as transformers.</summary>
internal static class PretrainedModel
{
    /// <param name="host">Host of the transformer.</param>
    /// <param name="source">Where the checkpoint is.</param>
    /// <param name="task">What it is opened to predict.</param>
    /// <param name="options">How it is used.</param>
    /// <param name="make">Makes the transformer of a classifier, which it takes over, what the classes are called, and the columns.</param>
    public static T Open<T>(IHost host, EncoderSource source, PretrainedTask task, PretrainedModelOptions options, Func<TextClassifier, IReadOnlyList<string>, ScoringColumns, T> make)
    {
        ArgumentNullException.ThrowIfNull(source);
        options.Validate(task);
        var environment = (IHostEnvironmentInternal)host;
        ScoringColumns columns = options.ScoringColumns;
        (TextClassifier classifier, IReadOnlyList<string> labels) = new PretrainedClassifier
        {
            Source = source,
            Task = task,
            Pairs = columns.Sentence2 is not null,
            Answers = options.Answers,
            MaxLength = options.MaxLength,
            Truncation = options.TextTruncation,
            BatchSize = options.BatchSize,
            Precision = options.Precision,
            SavedWeights = options.SavedWeights,
            Device = Hardware.SelectDevice(options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu),
        }.Open();
        return classifier.HandTo(() => make(classifier, labels, columns));
    }
}
