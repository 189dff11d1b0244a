using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune;

/// <summary>
/// The cross entropy of finding the texts like an anchor among all others of the batch by their cosines: for each anchor the mean over the
/// like texts of −log of their share, L_out of Khosla et al. 2020, "Supervised Contrastive Learning" (arXiv 2004.11362), and the mean over
/// the anchors that have like texts.
/// </summary>
[EmbeddingLossName("supervised-contrastive")]
public sealed record SupervisedContrastiveLoss : BatchLoss
{
    private const float LowestTemperature = 0.001f, HighestTemperature = 1000;

    /// <summary>τ: divides the cosines; a lower one looks harder at the closest texts.</summary>
    /// <value>0.07, as in the authors' code.</value>
    [Range(0.01f, 1f, init: 0.07f, logBase: true)]
    public float Temperature { get; set; } = 0.07f;

    internal override void Validate() => OptionRange.Require(
        Temperature is >= LowestTemperature and <= HighestTemperature, nameof(SupervisedContrastiveLoss), nameof(Temperature), Temperature,
        FormattableString.Invariant($"{LowestTemperature} to {HighestTemperature}"));

    internal override Tensor Compute(Tensor embeddings, Tensor alike)
    {
        Tensor like = LikePairs.Of(alike), counts = like.sum(1L);
        Tensor similarities = Distances.Cosines(embeddings).Div(Temperature).MaskedFill(LikePairs.Diagonal(alike), float.MinValue);
        Tensor logShares = functional.log_softmax(similarities, 1);
        Tensor losses = where(like, -logShares, zeros_like(logShares)).sum(1L) / counts.ClampMin(1);
        return LossMean.Chosen(losses, counts.Gt(0));
    }
}
