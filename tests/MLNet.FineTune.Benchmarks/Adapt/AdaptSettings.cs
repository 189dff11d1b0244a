using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Adapt;

/// <summary>What the adaptation suite runs.</summary>
internal sealed record AdaptSettings
{
    /// <summary>Data sets, seeds and fine-tuning of the encoder, which comes from a directory.</summary>
    public required FewShotSettings FineTuning { get; init; }

    /// <summary>The peak learning rate where the weights are random.</summary>
    public required double RandomLearningRate { get; init; }

    /// <summary>How often task-adaptive pre-training sees each text; null for the library's default.</summary>
    public int? AdaptEpochs { get; init; }

    /// <summary>The peak learning rate of task-adaptive pre-training; null for the library's default.</summary>
    public double? AdaptLearningRate { get; init; }

    /// <summary>Longest input of task-adaptive pre-training.</summary>
    public required int AdaptMaxLength { get; init; }
}
