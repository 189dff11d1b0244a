using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>Labelled texts and how a classifier is made of few of them.</summary>
internal sealed record SetFitTask
{
    /// <summary>Encoder, method, texts; its training is that of the contrastive phase, and a batch is the texts of a step.</summary>
    public required FineTuneTask Tuning { get; init; }

    /// <summary>What pulls like texts together.</summary>
    public required EmbeddingLoss Loss { get; init; }

    /// <summary>Which pairs.</summary>
    public required PairSampling Pairs { get; init; }

    /// <summary>Whether embeddings are brought to length one before the head; null for what the encoder says.</summary>
    public bool? Normalize { get; init; }

    /// <summary>Fits the head on the embeddings.</summary>
    public required IHeadTrainer Head { get; init; }

    /// <summary>What a teacher makes of the texts to learn, in their order: the encoder then learns its similarities in place of <see cref="Loss"/>; null for none.</summary>
    public TeacherOutputs? Teacher { get; init; }

    /// <summary>How head and encoder are trained on together once the head is fitted; null where they are not.</summary>
    public EndToEndPhase? EndToEnd { get; init; }

    /// <summary>The rows that the head learns from the embeddings of the training texts.</summary>
    public EmbeddedTexts HeadRows(EmbeddedTexts texts) => Teacher?.Probabilities is { } probabilities ? SoftLabels.Expand(texts, probabilities) : texts;
}
