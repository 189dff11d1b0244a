using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// The contrastive loss of Hadsell, Chopra and LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping": half the squared
/// distance d of like texts, and half of max(0, margin − d)² for others, which are left alone beyond the margin.
/// </summary>
[EmbeddingLossName("contrastive")]
public sealed record MarginContrastiveLoss : PairLoss
{
    /// <summary>How far apart texts of different classes are pushed, in units of <see cref="Distance"/>.</summary>
    /// <value>0.5.</value>
    [Range(0.1f, 2f, init: 0.5f, logBase: true)]
    public float Margin { get; set; } = 0.5f;

    /// <summary>The distance between embeddings.</summary>
    /// <value><see cref="EmbeddingDistance.Cosine"/>.</value>
    [Choice(EmbeddingDistance.Cosine, EmbeddingDistance.Euclidean)]
    public EmbeddingDistance Distance { get; set; } = EmbeddingDistance.Cosine;

    internal override void Validate()
    {
        OptionRange.Positive(nameof(MarginContrastiveLoss), Margin);
        OptionRange.Defined(nameof(MarginContrastiveLoss), Distance);
    }

    internal override Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights)
    {
        Tensor distances = Distances.OfPairs(first, second, Distance);
        Tensor losses = (alike * distances.Square()).Add(alike.Rsub(1) * distances.Rsub(Margin).relu().Square());
        return LossMean.Weighted(losses.Div(2), weights);
    }
}
