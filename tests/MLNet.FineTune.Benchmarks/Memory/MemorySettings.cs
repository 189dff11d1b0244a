namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>What the memory suite runs.</summary>
internal sealed record MemorySettings
{
    public required int Layers { get; init; }
    public required int Hidden { get; init; }
    public required int Batch { get; init; }
    public required int MaxLength { get; init; }

    /// <summary>Training steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Times that a model is loaded, used and disposed.</summary>
    public required int Cycles { get; init; }

    /// <summary>Numbers of texts without labels that self-training is measured with, instead of all else; empty for none.</summary>
    public required IReadOnlyList<int> UnlabeledRows { get; init; }

    public required TorchSharp.torch.ScalarType ComputeType { get; init; }
}
