namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>What the few-shot suite runs.</summary>
internal sealed record FewShotSettings
{
    public required string Data { get; init; }
    public required IReadOnlyList<string> DataSets { get; init; }

    /// <summary>Rows of each class; null for the whole training set.</summary>
    public required IReadOnlyList<int?> Shots { get; init; }

    public required int Seeds { get; init; }

    /// <summary>Names: that of the frozen encoder's method, or of methods of fine-tuning.</summary>
    public required IReadOnlyList<string> Methods { get; init; }
    public required EncoderSource Encoder { get; init; }
    public required Precision Precision { get; init; }
    public required int Epochs { get; init; }
    public required int BatchSize { get; init; }

    /// <summary>The peak learning rate; null for the library's default.</summary>
    public double? LearningRate { get; init; }

    /// <summary>What fine-tuning starts its head from.</summary>
    public HeadInitialization Head { get; init; }

    /// <summary>How far fine-tuning goes from the weights before it to those after; 1 for all the way.</summary>
    public double Share { get; init; } = 1;

    /// <summary>Longest text in tokens; null for the longest the encoder takes.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Most training rows in all; null for no limit.</summary>
    public int? MaxTrain { get; init; }
}
