using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>What a <see cref="TransformerEncoder"/> is assembled from; a family reads it from a checkpoint's <c>config.json</c>.</summary>
internal sealed record EncoderConfig
{
    /// <summary>The <c>config.json</c> it was read from, written back unchanged when the encoder is saved.</summary>
    public required JsonObject Source { get; init; }

    public required string ModelType { get; init; }
    public required int VocabularySize { get; init; }
    public required int HiddenSize { get; init; }

    /// <summary>Width of the embedding tables; where it differs from <see cref="HiddenSize"/> a projection follows (Lan et al. 2019, arXiv 1909.11942).</summary>
    public required int EmbeddingSize { get; init; }

    public required int LayerCount { get; init; }
    public required int HeadCount { get; init; }
    public required int IntermediateSize { get; init; }
    public required int PadId { get; init; }

    /// <summary>Longest input in tokens, special tokens included.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Absolute position embeddings: rows of the table, or zero for none.</summary>
    public int PositionRows { get; init; }

    /// <summary>Position of the first token; RoBERTa counts from the padding id plus one.</summary>
    public int PositionOffset { get; init; }

    /// <summary>Segment embeddings: rows of the table, or zero for none.</summary>
    public int TokenTypeCount { get; init; }

    /// <summary>How many layers have weights of their own; fewer than <see cref="LayerCount"/> where layers share them.</summary>
    public required int PhysicalLayerCount { get; init; }

    public required Activation Activation { get; init; }
    public required double LayerNormEpsilon { get; init; }
    public double HiddenDropout { get; init; }
    public double AttentionDropout { get; init; }

    /// <summary>Whether <see cref="HiddenDropout"/> acts on what attention gives; not in DistilBERT.</summary>
    public bool DropsAttentionOutput { get; init; } = true;

    /// <summary>Whether <see cref="HiddenDropout"/> acts on what the feed-forward network gives; not in ALBERT.</summary>
    public bool DropsFeedForwardOutput { get; init; } = true;

    /// <summary>Dropout before the output layer of a classification head.</summary>
    public double ClassifierDropout { get; init; }

    /// <summary>Dropout before the dense layer of a classification head that has some there; null for <see cref="ClassifierDropout"/>.</summary>
    public double? PoolerDropout { get; init; }

    /// <summary>Whether the head for hidden tokens has the word embeddings as its output matrix; a checkpoint with another matrix cannot be computed.</summary>
    public bool TiesWordEmbeddings { get; init; } = true;

    /// <summary>Standard deviation of freshly initialised weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Learned bias by bucketed distance (T5, MPNet): number of buckets, or zero for none.</summary>
    public int RelativeBuckets { get; init; }

    /// <summary>Disentangled attention (DeBERTa), or null.</summary>
    public DisentangledConfig? Disentangled { get; init; }

    /// <summary>Where the weights are created.</summary>
    public Device Device { get; init; } = CPU;

    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>Which physical layer computes logical layer <paramref name="layer"/>.</summary>
    public int PhysicalLayer(int layer) => (int)(layer / ((double)LayerCount / PhysicalLayerCount));
}

/// <summary>Disentangled attention of DeBERTa v2 and v3 (He et al. 2020, arXiv 2006.03654).</summary>
/// <param name="MaxRelativePositions">Distance beyond which positions are not told apart.</param>
/// <param name="PositionBuckets">Log buckets a side; zero or less for none.</param>
/// <param name="ShareKey">Whether positions are projected by the content's query and key projections.</param>
/// <param name="ContentToPosition">Whether the content-to-position term is present.</param>
/// <param name="PositionToContent">Whether the position-to-content term is present.</param>
/// <param name="NormalizeEmbeddings">Whether the relative embeddings pass a LayerNorm.</param>
internal sealed record DisentangledConfig(
    int MaxRelativePositions, int PositionBuckets, bool ShareKey, bool ContentToPosition, bool PositionToContent, bool NormalizeEmbeddings)
{
    /// <summary>Half the rows of the relative embedding table.</summary>
    public int Span => PositionBuckets > 0 ? PositionBuckets : MaxRelativePositions;

    /// <summary>By how much scores are scaled down: one for content-to-content and one for each further term.</summary>
    public int ScaleFactor => 1 + (ContentToPosition ? 1 : 0) + (PositionToContent ? 1 : 0);
}
