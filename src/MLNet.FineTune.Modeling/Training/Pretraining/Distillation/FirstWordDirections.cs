using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>
/// Changes text embeddings in the few directions in which they vary least: there they come to hold the main components of each
/// text's first word. See <see cref="EncoderDistillation.FirstWordDimensions"/>.
/// </summary>
internal sealed class FirstWordDirections : IDisposable
{
    // Float32: the directions [width, count] that are changed, the map [width, count] of a first word to what they shall hold,
    // and the means [width] of embeddings and of first words.
    private readonly Tensor _directions, _map, _embeddingMean, _wordMean;

    private FirstWordDirections(Tensor directions, Tensor map, Tensor embeddingMean, Tensor wordMean) =>
        (_directions, _map, _embeddingMean, _wordMean) = (Kept(directions), Kept(map), Kept(embeddingMean), Kept(wordMean));

    /// <summary>Finds the directions in a sample of the corpus.</summary>
    /// <param name="embeddings">Text embeddings, [texts, width].</param>
    /// <param name="words">The vectors of the texts' first words, [texts, width of states].</param>
    /// <param name="count">How many directions.</param>
    /// <param name="scale">The standard deviation they shall have, in units of the mean one of the embeddings.</param>
    public static FirstWordDirections Fit(Tensor embeddings, Tensor words, int count, double scale)
    {
        using var scope = NewDisposeScope();
        (Tensor embeddingMean, Tensor variances, Tensor axes) = Components(embeddings);
        (Tensor wordMean, Tensor wordVariances, Tensor wordAxes) = Components(words);
        // Eigenvalues ascend.
        int kept = (int)words.size(1);
        Tensor main = wordVariances.narrow(0, kept - count, count).mean();
        Tensor factor = (variances.mean() / main).sqrt().Mul(scale);
        return new FirstWordDirections(axes.narrow(1, 0, count), wordAxes.narrow(1, kept - count, count) * factor, embeddingMean, wordMean);
    }

    /// <returns>The embeddings [texts, width] as they shall be.</returns>
    public Tensor Apply(Tensor embeddings, Tensor words)
    {
        Tensor had = (embeddings - _embeddingMean).matmul(_directions), shall = (words - _wordMean).matmul(_map);
        return embeddings.Add((shall - had).matmul(_directions.t()));
    }

    private static (Tensor Mean, Tensor Variances, Tensor Axes) Components(Tensor rows)
    {
        Tensor values = rows.to(ScalarType.Float64), mean = values.mean([0]), centred = values - mean;
        (Tensor variances, Tensor axes) = linalg.eigh(centred.t().matmul(centred).Div(rows.size(0)));
        return (mean, variances, axes);
    }

    private static Tensor Kept(Tensor tensor) => tensor.to(ScalarType.Float32).contiguous().DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[_directions, _map, _embeddingMean, _wordMean])
            tensor.Dispose();
    }
}
