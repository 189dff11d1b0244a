using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>What is seen of two texts that were read each by itself.</summary>
internal static class TextComparison
{
    /// <summary>How often wider the comparison is than one text.</summary>
    public const int Parts = 4;

    /// <summary>Both vectors u and v, |u − v| and u ∘ v, where u and v have a root mean square of 1: on whatever scale the encoder's are, the mean of the last is their cosine.</summary>
    /// <param name="pooled">The vectors of the first texts and then those of the second ones, [2 · pairs, width].</param>
    /// <returns>[pairs, 4 · width].</returns>
    public static Tensor Of(Tensor pooled)
    {
        if (pooled.shape[0] % 2 != 0)
            throw new ArgumentException($"There are {pooled.shape[0]} vectors; expected two for each pair.", nameof(pooled));
        Tensor scaled = nn.functional.normalize(pooled, p: 2, dim: 1, eps: 1e-12).Mul(Math.Sqrt(pooled.shape[1]));
        long pairs = pooled.shape[0] / 2;
        Tensor first = scaled.narrow(0, 0, pairs), second = scaled.narrow(0, pairs, pairs);
        return cat([first, second, (first - second).abs(), first * second], 1);
    }
}
