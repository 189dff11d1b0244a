namespace MLNet.FineTune;

/// <summary>An encoder that could be fine-tuned, with what is expected of it.</summary>
public sealed record EncoderCandidate
{
    /// <summary>Where it comes from.</summary>
    public required EncoderSource Encoder { get; init; }

    /// <summary>What runs on subsets gave, the largest subset first; of an encoder that failed, those before.</summary>
    public required IReadOnlyList<ScalingPoint> Points { get; init; }

    /// <summary>The log-loss that is expected of fine-tuning on all rows; not a number where it failed.</summary>
    public required double PredictedLoss { get; init; }

    /// <summary>The law fitted to all points; <see langword="null"/> where there are too few.</summary>
    public RectifiedScalingLaw? Law { get; init; }

    /// <summary>Type and message of the error that it ended with; <see langword="null"/> for none.</summary>
    public string? Error { get; init; }
}
