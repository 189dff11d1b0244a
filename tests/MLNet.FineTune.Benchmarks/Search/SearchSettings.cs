namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>What the suite of searches runs.</summary>
internal sealed record SearchSettings
{
    /// <summary>Directory of the data sets.</summary>
    public required string Data { get; init; }

    /// <summary>Their names.</summary>
    public required IReadOnlyList<string> DataSets { get; init; }

    /// <summary>Experiments of the verb <c>peft</c> to compare with; full fine-tuning is always among them.</summary>
    public required IReadOnlyList<string> Fixed { get; init; }

    /// <summary>The encoder.</summary>
    public required EncoderSource Encoder { get; init; }

    /// <summary>Trials of a search.</summary>
    public required int Trials { get; init; }

    /// <summary>Most training rows; null for all.</summary>
    public int? MaxTrain { get; init; }

    /// <summary>Longest text in tokens; null for what the encoder takes.</summary>
    public int? MaxLength { get; init; }

    /// <summary>How often a fixed method sees each row.</summary>
    public required int Epochs { get; init; }

    /// <summary>Ends hopeless trials.</summary>
    public required Pruning Pruning { get; init; }

    /// <summary>Where trials are kept; null for in memory.</summary>
    public string? Storage { get; init; }

    /// <summary>Decides rows, trials and trainings.</summary>
    public required int Seed { get; init; }
}
