using System.Numerics.Tensors;

namespace MLNet.FineTune.ActiveLearning;

/// <summary>Texts that cover all others: the greedy solution of the k-centre problem on embeddings, at most twice as wide as the best (Sener and Savarese 2018, arXiv 1708.00489).</summary>
internal static class CoreSet
{
    /// <param name="embeddings">Row-major [texts, width].</param>
    /// <param name="width">Numbers an embedding.</param>
    /// <param name="labeled">Embeddings that are covered already, row-major; empty for none: then the first centre is the text nearest to the mean.</param>
    /// <param name="count">How many to choose, at most as many as there are texts.</param>
    /// <param name="checkAlive">Polled; throws to stop.</param>
    /// <returns>Texts in the order in which they are chosen, each with its distance to the nearest centre before.</returns>
    public static (int Row, double Distance)[] Select(float[] embeddings, int width, float[] labeled, int count, Action? checkAlive = null)
    {
        int texts = embeddings.Length / width;
        var nearest = new float[texts];
        Array.Fill(nearest, float.PositiveInfinity);
        for (int start = 0; start < labeled.Length; start += width)
            Cover(labeled.AsSpan(start, width));

        var chosen = new (int, double)[count];
        for (int i = 0; i < count; i++)
        {
            checkAlive?.Invoke();
            bool none = i == 0 && labeled.Length == 0;
            int center = none ? NearestToMean(embeddings, width) : TensorPrimitives.IndexOfMax<float>(nearest);
            chosen[i] = (center, none ? 0 : nearest[center]);
            Cover(embeddings.AsSpan(center * width, width));
            // Never again, though others may lie at the same place.
            nearest[center] = float.NegativeInfinity;
        }
        return chosen;

        void Cover(ReadOnlySpan<float> center)
        {
            for (int row = 0; row < texts; row++)
                nearest[row] = Math.Min(nearest[row], TensorPrimitives.Distance<float>(embeddings.AsSpan(row * width, width), center));
        }
    }

    private static int NearestToMean(float[] embeddings, int width)
    {
        int texts = embeddings.Length / width;
        var mean = new float[width];
        for (int row = 0; row < texts; row++)
            TensorPrimitives.Add<float>(mean, embeddings.AsSpan(row * width, width), mean);
        TensorPrimitives.Divide(mean, texts, mean);
        return Enumerable.Range(0, texts).MinBy(row => TensorPrimitives.Distance<float>(embeddings.AsSpan(row * width, width), mean));
    }
}
