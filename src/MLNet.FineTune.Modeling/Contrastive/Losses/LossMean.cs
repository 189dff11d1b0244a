using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>Means of losses which are zero, with a gradient of zero, where there is nothing to take the mean of.</summary>
internal static class LossMean
{
    /// <param name="losses">[n].</param>
    /// <param name="weights">[n], 0 or more; null when all count the same.</param>
    public static Tensor Weighted(Tensor losses, Tensor? weights) =>
        weights is null ? losses.sum().Div(Math.Max(1, losses.size(0))) : (losses * weights).sum() / weights.sum().ClampMin(1e-12f);

    /// <param name="losses">Of any shape; what is not chosen may be infinite.</param>
    /// <param name="chosen">Of the same shape, bool.</param>
    public static Tensor Chosen(Tensor losses, Tensor chosen) => where(chosen, losses, zeros_like(losses)).sum() / chosen.sum().ClampMin(1);
}
