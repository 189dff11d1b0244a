using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>The mean over the rows of a batch, where each may have a weight.</summary>
internal static class RowMean
{
    /// <param name="losses">The loss of each row, [rows].</param>
    /// <param name="rows">Which training rows they are.</param>
    /// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
    public static Tensor Of(Tensor losses, int[] rows, float[]? rowWeights) =>
        Of(losses, rowWeights is null ? null : tensor([.. rows.Select(row => rowWeights[row])], device: losses.device));

    /// <param name="losses">The losses, [items], one at least.</param>
    /// <param name="weights">Their weights, [items]; null when all count the same.</param>
    public static Tensor Of(Tensor losses, Tensor? weights) => weights is null ? losses.mean() : (losses * weights).sum() / weights.sum().ClampMin(1e-12f);

    /// <summary>What rows count together.</summary>
    public static double Weight(int[] rows, float[]? rowWeights) => rowWeights is null ? rows.Length : rows.Sum(row => (double)rowWeights[row]);
}
