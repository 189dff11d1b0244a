namespace MLNet.FineTune.Benchmarks.Distill;

/// <summary>What the distillation suite runs.</summary>
internal sealed record DistillSettings
{
    public required string Data { get; init; }
    public required IReadOnlyList<string> DataSets { get; init; }

    /// <summary>Labelled rows of each class.</summary>
    public required IReadOnlyList<int> Shots { get; init; }

    public required int Seeds { get; init; }

    /// <summary>The teacher's encoder.</summary>
    public required EncoderSource Teacher { get; init; }

    /// <summary>The student's encoder.</summary>
    public required EncoderSource Student { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>For each text, half as many pairs an epoch.</summary>
    public required int Iterations { get; init; }

    /// <summary>How often the student sees the pairs.</summary>
    public required int Epochs { get; init; }

    /// <summary>The student's peak learning rate; null for the library's default.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Longest text in tokens; null for the longest the encoders take.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Most texts without labels; null for no limit.</summary>
    public int? MaxUnlabeled { get; init; }

    /// <summary>Most test rows; null for all.</summary>
    public int? MaxTest { get; init; }
}
