namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>What the self-training suite runs.</summary>
internal sealed record SelfTrainSettings
{
    public required string Data { get; init; }

    /// <summary>Data sets of which few rows have labels.</summary>
    public required IReadOnlyList<string> DataSets { get; init; }

    /// <summary>Data sets with weak labels.</summary>
    public required IReadOnlyList<string> WeakDataSets { get; init; }

    /// <summary>Whether the rows with true labels that a data set with weak ones has for validation are left aside.</summary>
    public required bool NoValidation { get; init; }

    /// <summary>Labelled rows of each class.</summary>
    public required IReadOnlyList<int> Shots { get; init; }

    public required int Seeds { get; init; }
    public required IReadOnlyList<string> Methods { get; init; }
    public required EncoderSource Encoder { get; init; }
    public required PeftMethod Peft { get; init; }
    public required int Epochs { get; init; }
    public required int BatchSize { get; init; }

    /// <summary>The peak learning rate; null for the library's default.</summary>
    public double? LearningRate { get; init; }

    /// <summary>How often a phase on predicted labels sees each text.</summary>
    public required int UnlabeledEpochs { get; init; }

    /// <summary>Most texts without labels; null for no limit.</summary>
    public int? MaxUnlabeled { get; init; }

    /// <summary>Most test rows; null for all.</summary>
    public int? MaxTest { get; init; }

    /// <summary>Longest text in tokens; null for the longest the encoder takes.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Multiplies the numbers of steps of COSINE's second stage and of LiST's students.</summary>
    public required double StepScale { get; init; }

    /// <summary>Further methods, as <see cref="SelfTrainingMethod.Parse"/> reads them.</summary>
    public required IReadOnlyList<string> MethodTexts { get; init; }

    /// <summary>Whether heads start at random instead of from logistic regression on embeddings.</summary>
    public required bool RandomHead { get; init; }

    /// <summary>Where the head starts, for all methods alike.</summary>
    public HeadInitialization Head => RandomHead ? HeadInitialization.Random : HeadInitialization.LinearProbe;

    /// <summary>The training on labelled rows, for all methods alike.</summary>
    public TrainingOptions Training => new() { Epochs = Epochs, BatchSize = BatchSize, LearningRate = LearningRate };

    /// <summary>The training on predicted labels, for all methods that have one.</summary>
    public TrainingOptions UnlabeledTraining => new() { Epochs = UnlabeledEpochs, BatchSize = BatchSize, LearningRate = LearningRate };
}
