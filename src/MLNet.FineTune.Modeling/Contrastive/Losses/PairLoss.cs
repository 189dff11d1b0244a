using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>A loss of pairs of texts, each alike or not.</summary>
public abstract record PairLoss : EmbeddingLoss
{
    private protected PairLoss()
    {
    }

    /// <summary>The weighted mean of the pairs' losses, a scalar; zero where nothing weighs anything.</summary>
    /// <param name="first">Embeddings of the first texts, float32 [pairs, width].</param>
    /// <param name="second">Embeddings of the second texts, as <paramref name="first"/>.</param>
    /// <param name="alike">1 where the two share a class, else 0; float32 [pairs].</param>
    /// <param name="weights">The weights of the pairs, 0 or more, float32 [pairs]; null when all count the same.</param>
    internal abstract Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights);
}
