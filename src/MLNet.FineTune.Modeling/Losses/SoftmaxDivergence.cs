using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>How far two distributions over classes lie apart.</summary>
internal static class SoftmaxDivergence
{
    /// <summary>Σ (p − q) · (ln p − ln q), which is KL(p‖q) + KL(q‖p).</summary>
    /// <param name="first">Logits, float32 [items, classes].</param>
    /// <param name="second">Logits of the same items.</param>
    /// <returns>[items].</returns>
    public static Tensor Symmetric(Tensor first, Tensor second)
    {
        Tensor p = nn.functional.log_softmax(first, 1), q = nn.functional.log_softmax(second, 1);
        return ((p.exp() - q.exp()) * (p - q)).sum(1);
    }
}
