using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>What the throughput suite measures, and how long.</summary>
internal sealed record ThroughputSettings
{
    public required int Layers { get; init; }
    public required int Hidden { get; init; }
    public required int Batch { get; init; }
    public required int Length { get; init; }
    public required int Rounds { get; init; }

    /// <summary>Timed training steps of each case in a round.</summary>
    public required int Steps { get; init; }

    public required Device Device { get; init; }
    public required int Threads { get; init; }
}
