using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// <see cref="MarginContrastiveLoss"/> of the hard pairs of a batch alone, as sentence-transformers defines it: like texts that are farther
/// apart than the closest of different classes, at d², and texts of different classes that are closer than the farthest alike, at
/// max(0, margin − d)².
/// </summary>
/// <remarks>
/// Where the batch has not two pairs of one kind, hard are those of the other kind that are harder than their mean. Easy pairs cost
/// nothing; the mean is over all pairs, so that the loss is sentence-transformers' sum divided by the size of the batch.
/// </remarks>
[EmbeddingLossName("online-contrastive")]
public sealed record OnlineContrastiveLoss : PairLoss
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
        OptionRange.Positive(nameof(OnlineContrastiveLoss), Margin);
        OptionRange.Defined(nameof(OnlineContrastiveLoss), Distance);
    }

    internal override Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights)
    {
        Tensor distances = Distances.OfPairs(first, second, Distance);
        Tensor isAlike = alike.Gt(0.5);
        Tensor losses = where(isAlike, distances.Square(), distances.Rsub(Margin).relu().Square());
        return LossMean.Weighted(where(Hard(distances.detach(), isAlike, weights), losses, zeros_like(losses)), weights);
    }

    /// <summary>Pairs without weight are as if they were not there.</summary>
    private static Tensor Hard(Tensor distances, Tensor isAlike, Tensor? weights)
    {
        Tensor share = weights ?? ones_like(distances);
        Tensor present = share.Gt(0), like = isAlike.logical_and(present), unlike = isAlike.logical_not().logical_and(present);
        Tensor farthest = distances.MaskedFill(like.logical_not(), float.NegativeInfinity).max();
        Tensor closest = distances.MaskedFill(unlike.logical_not(), float.PositiveInfinity).min();
        Tensor hardLike = distances > where(unlike.sum().Gt(1), closest, Mean(like));
        Tensor hardUnlike = distances < where(like.sum().Gt(1), farthest, Mean(unlike));
        return like.logical_and(hardLike).logical_or(unlike.logical_and(hardUnlike));

        Tensor Mean(Tensor kind) => LossMean.Weighted(distances, share * kind);
    }
}
