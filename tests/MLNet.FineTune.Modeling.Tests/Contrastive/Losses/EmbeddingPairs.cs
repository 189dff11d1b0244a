namespace MLNet.FineTune.Tests.Contrastive.Losses;

/// <summary>Pairs of embeddings: the first ones and then the second ones in <see cref="Rows"/>.</summary>
internal sealed record EmbeddingPairs(double[][] Rows, float[] Alike, float[]? Weights)
{
    public int Count => Alike.Length;

    /// <summary>Several seeds, with many, one or none alike, with and without weights, of which some are zero.</summary>
    public static IEnumerable<EmbeddingPairs> All()
    {
        foreach (float[] alike in new float[][] { [1, 0, 1, 0, 0, 1, 0, 1], [0, 0, 1, 0, 0], [1, 1, 0, 1], [1, 1, 1], [0, 0, 0, 0], [1, 0], [1], [0] })
            for (int seed = 0; seed < 4; seed++)
            {
                var random = new Random(seed);
                double[][] rows = [.. Enumerable.Range(0, 2 * alike.Length).Select(_ => EmbeddingBatch.Row(random))];
                yield return new(rows, alike, null);
                yield return new(rows, alike, [.. alike.Select(_ => random.Next(4) / 2f)]);
            }
    }
}
