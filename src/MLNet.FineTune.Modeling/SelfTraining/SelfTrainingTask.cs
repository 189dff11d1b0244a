using MLNet.FineTune.Models;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Labelled texts, texts without labels, and how a classifier is made of both.</summary>
internal sealed record SelfTrainingTask
{
    /// <summary>Encoder, fine-tuning method and texts; its training is that on the labelled ones.</summary>
    public required FineTuneTask Tuning { get; init; }

    /// <summary>How the others are learnt from.</summary>
    public required SelfTrainingMethod Method { get; init; }

    /// <summary>What <see cref="FineTuneTask.LinearProbe"/> fits, as text; null for none. A checkpoint of another one is refused.</summary>
    public string? LinearProbe { get; init; }

    /// <summary>Receives a report each round.</summary>
    public IProgress<SelfTrainingProgress>? Progress { get; init; }
}
