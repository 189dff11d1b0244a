using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune;

/// <summary>
/// An anchor is to be closer to a text like it than to one unlike it, by a margin: max(0, d(like) − d(unlike) + margin), or the soft
/// ln(1 + exp(d(like) − d(unlike))), over triplets mined in the batch (Hermans et al. 2017, "In Defense of the Triplet Loss for
/// Person Re-Identification", arXiv 1703.07737).
/// </summary>
/// <remarks>
/// An anchor without a like text or without an unlike one is in no triplet and does not count. <see cref="TripletMining.BatchHard"/> needs
/// memory for n² numbers in a batch of n, the other two for n³.
/// </remarks>
[EmbeddingLossName("triplet")]
public sealed record TripletLoss : BatchLoss
{
    /// <summary>Which triplets count.</summary>
    /// <value><see cref="TripletMining.BatchAll"/>.</value>
    [Choice(TripletMining.BatchAll, TripletMining.BatchHard, TripletMining.BatchSemiHard)]
    public TripletMining Mining { get; set; } = TripletMining.BatchAll;

    /// <summary>By how much an unlike text is to be farther than a like one, in units of <see cref="Distance"/>; null for the soft margin.</summary>
    /// <value>5.</value>
    [Range(0.1f, 10f, init: 5f, logBase: true)]
    public float? Margin { get; set; } = 5;

    /// <summary>The distance between embeddings.</summary>
    /// <value><see cref="EmbeddingDistance.Euclidean"/>.</value>
    [Choice(EmbeddingDistance.Euclidean, EmbeddingDistance.Cosine)]
    public EmbeddingDistance Distance { get; set; } = EmbeddingDistance.Euclidean;

    internal override void Validate()
    {
        OptionRange.Defined(nameof(TripletLoss), Mining);
        OptionRange.Require(Margin is null || (float.IsFinite(Margin.Value) && Margin > 0), nameof(TripletLoss), nameof(Margin), Margin, "null or a number above 0");
        OptionRange.Defined(nameof(TripletLoss), Distance);
    }

    internal override Tensor Compute(Tensor embeddings, Tensor alike)
    {
        Tensor distances = Distances.OfAll(embeddings, Distance), like = LikePairs.Of(alike), unlike = alike.logical_not();
        return Mining switch
        {
            TripletMining.BatchAll => All(distances, like, unlike),
            TripletMining.BatchHard => Hardest(distances, like, unlike),
            _ => SemiHard(distances, like, unlike),
        };
    }

    private Tensor All(Tensor distances, Tensor like, Tensor unlike)
    {
        Tensor losses = Loss(distances.unsqueeze(2) - distances.unsqueeze(1)); // [anchor, like, unlike]
        return LossMean.Chosen(losses, like.unsqueeze(2).logical_and(unlike.unsqueeze(1)).logical_and(losses.Gt(0)));
    }

    private Tensor Hardest(Tensor distances, Tensor like, Tensor unlike)
    {
        Tensor farthest = distances.MaskedFill(like.logical_not(), float.NegativeInfinity).amax([1]);
        Tensor closest = distances.MaskedFill(unlike.logical_not(), float.PositiveInfinity).amin([1]);
        return LossMean.Chosen(Loss(farthest - closest), like.any(1).logical_and(unlike.any(1)));
    }

    private Tensor SemiHard(Tensor distances, Tensor like, Tensor unlike)
    {
        Tensor others = distances.unsqueeze(1); // [anchor, 1, unlike]
        Tensor isFarther = (others > distances.unsqueeze(2)).logical_and(unlike.unsqueeze(1)); // [anchor, like, unlike]
        Tensor closest = others.MaskedFill(isFarther.logical_not(), float.PositiveInfinity).amin([2]);
        Tensor farthest = distances.MaskedFill(unlike.logical_not(), float.NegativeInfinity).amax([1], keepdim: true);
        Tensor losses = Loss(distances - where(isFarther.any(2), closest, farthest));
        return LossMean.Chosen(losses, like.logical_and(unlike.any(1, keepdim: true)));
    }

    /// <param name="excess">By how much the like text is farther than the unlike one.</param>
    private Tensor Loss(Tensor excess) => Margin is { } margin ? excess.Add(margin).relu() : excess.Softplus();
}
