using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>A loss of all texts of a batch among each other.</summary>
public abstract record BatchLoss : EmbeddingLoss
{
    private protected BatchLoss()
    {
    }

    /// <summary>A scalar; zero, with a gradient of zero, where the batch has no pair or triplet to learn from.</summary>
    /// <param name="embeddings">float32 [n, width], of one text at least.</param>
    /// <param name="alike">
    /// Whether two texts share a class: bool [n, n], symmetric, true on the diagonal. With several classes a text, two that are both like a
    /// third need not be alike.
    /// </param>
    internal abstract Tensor Compute(Tensor embeddings, Tensor alike);
}
