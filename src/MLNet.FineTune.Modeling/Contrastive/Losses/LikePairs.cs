using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>Pairs of different texts of a batch.</summary>
internal static class LikePairs
{
    /// <summary>Which pairs are alike: <paramref name="alike"/> without its diagonal, [n, n].</summary>
    public static Tensor Of(Tensor alike) => alike.logical_and(Diagonal(alike).logical_not());

    /// <summary>The diagonal, [n, n].</summary>
    public static Tensor Diagonal(Tensor alike) => eye(alike.size(0), dtype: ScalarType.Bool, device: alike.device);
}
