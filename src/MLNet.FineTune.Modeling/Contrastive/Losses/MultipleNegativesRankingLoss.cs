using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune;

/// <summary>
/// The cross entropy of finding a like text among it and all unlike texts of the batch by their cosines (Henderson et al. 2017, "Efficient
/// Natural Language Response Suggestion for Smart Reply", arXiv 1705.00652).
/// </summary>
/// <remarks>
/// Each text that has a like one is an anchor, and the next like text of the batch, from the end on to its start, is its positive; other
/// like texts are neither positives nor negatives. An anchor without unlike texts costs nothing.
/// </remarks>
[EmbeddingLossName("multiple-negatives-ranking")]
public sealed record MultipleNegativesRankingLoss : BatchLoss
{
    private const float LowestScale = 0.001f, HighestScale = 1000;

    /// <summary>Multiplies the cosines: the inverse of a temperature.</summary>
    /// <value>20, a temperature of 0.05.</value>
    [Range(1f, 100f, init: 20f, logBase: true)]
    public float Scale { get; set; } = 20;

    internal override void Validate() => OptionRange.Require(
        Scale is >= LowestScale and <= HighestScale, nameof(MultipleNegativesRankingLoss), nameof(Scale), Scale,
        FormattableString.Invariant($"{LowestScale} to {HighestScale}"));

    internal override Tensor Compute(Tensor embeddings, Tensor alike)
    {
        Tensor like = LikePairs.Of(alike), positives = Next(like);
        Tensor candidates = alike.logical_not().scatter(1, positives, ones_like(positives, dtype: ScalarType.Bool));
        Tensor similarities = Distances.Cosines(embeddings).Mul(Scale).MaskedFill(candidates.logical_not(), float.MinValue);
        Tensor losses = -functional.log_softmax(similarities, 1).gather(1, positives).squeeze(1);
        return LossMean.Chosen(losses, like.any(1));
    }

    /// <summary>For each text the next like one in cyclic order, [n, 1]; any where there is none.</summary>
    private static Tensor Next(Tensor like)
    {
        long n = like.size(0);
        Tensor places = TensorArithmetic.Arange(n, like.device);
        Tensor steps = (places.unsqueeze(0) - places.unsqueeze(1)).Remainder(n); // from row to column
        return steps.MaskedFill(like.logical_not(), n).argmin(1, keepdim: true);
    }
}
