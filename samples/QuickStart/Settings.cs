using MLNet.FineTune;

namespace QuickStart;

/// <summary>What the command line asked for.</summary>
internal sealed record Settings
{
    public required string TrainFile { get; init; }
    public required string TestFile { get; init; }

    /// <summary>A directory or the id of a hub model; null for the one that comes with the library.</summary>
    public required string? Encoder { get; init; }

    public required PeftMethod Peft { get; init; }
    public required int Epochs { get; init; }

    /// <summary>Null for the rate that suits encoder and method.</summary>
    public required double? LearningRate { get; init; }

    public required int BatchSize { get; init; }

    /// <summary>In tokens; null for as many as the encoder takes.</summary>
    public required int? MaxLength { get; init; }

    public required Precision Precision { get; init; }
    public required int Seed { get; init; }
    public required string ModelFile { get; init; }
}
