using MLNet.FineTune.Benchmarks.Throughput;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>Memory over a full training in which the lengths of batches vary, as they do with real texts.</summary>
internal static class TrainingMemory
{
    /// <summary>Steps between samples.</summary>
    public const int Interval = 50;

    /// <summary>The step from which growth counts: by then every length was met and the caches are filled.</summary>
    public const int GrowthStart = 100;

    public static IReadOnlyList<ProcessMemory> Measure(MemorySettings settings)
    {
        var encoder = new SyntheticEncoder(settings.Layers, settings.Hidden, settings.MaxLength, CPU);
        int[][] rows = encoder.Rows(64 * settings.Batch, random => random.Next(4, settings.MaxLength + 1), seed: 1);
        var sampler = new Sampler();
        using var training = new SyntheticTraining(encoder, new FullFineTuning(), settings.ComputeType, settings.Batch);
        training.Run(settings.Steps, [.. rows.Select(row => row.Length)], encoder.Labels(rows.Length),
            (batch, config) => EncoderInput.Create([.. batch.Select(row => rows[row])], null, config, config.Device), sampler, seed: 1);
        return sampler.Samples;
    }

    private sealed class Sampler : ITrainingCallback
    {
        public List<ProcessMemory> Samples { get; } = [];

        public void OnStepEnd(TrainingState state)
        {
            if (state.Step % Interval == 0 || state.Step == state.TotalSteps)
                Samples.Add(ProcessMemory.Measure(state.Step));
        }
    }
}
