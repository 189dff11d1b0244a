namespace MLNet.FineTune.Benchmarks.Embedding;

/// <summary>What the embedding suite runs.</summary>
internal sealed record EmbedSettings
{
    /// <summary>The encoder's directory; null for random weights.</summary>
    public required EncoderSource? Encoder { get; init; }

    /// <summary>Layers of an encoder with random weights.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of an encoder with random weights.</summary>
    public required int Hidden { get; init; }

    public required int Texts { get; init; }

    /// <summary>Mean tokens of a text.</summary>
    public required int Tokens { get; init; }

    public required int Batch { get; init; }
    public required int Rounds { get; init; }
    public required int Threads { get; init; }
}
