using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive.Losses;

/// <summary>Embeddings of some texts, and which of them are alike.</summary>
internal sealed record EmbeddingBatch(double[][] Rows, bool[,] Alike)
{
    /// <summary>The classes of each text, several here and there; one-member classes among them.</summary>
    private static readonly int[][][] ClassesOfTexts =
    [
        [[0], [0], [0], [1], [1], [2]],
        [[3], [0], [1], [0], [2], [0], [1], [4]],
        [[0], [1], [0], [1]],
        [[0, 1], [1], [2, 0], [2], [3], [1, 3], [4]],
    ];

    /// <summary>Random embeddings for each list of classes and several seeds.</summary>
    public static IEnumerable<EmbeddingBatch> All() => ClassesOfTexts.SelectMany(classes => Enumerable.Range(0, 4).Select(seed => Random(seed, classes)));

    public static EmbeddingBatch Random(int seed, int[][] classes)
    {
        var random = new Random(seed);
        return new([.. classes.Select(_ => Row(random))], AlikeOf(classes));
    }

    public static bool[,] AlikeOf(int[][] classes)
    {
        var alike = new bool[classes.Length, classes.Length];
        for (int i = 0; i < classes.Length; i++)
            for (int j = 0; j < classes.Length; j++)
                alike[i, j] = i == j || classes[i].Intersect(classes[j]).Any();
        return alike;
    }

    /// <summary>Single precision, so that what is computed in double starts from the same numbers.</summary>
    public static double[] Row(Random random, int width = 5) => [.. Enumerable.Range(0, width).Select(_ => (double)(float)(2 * random.NextDouble() - 1))];

    /// <summary>The rows as a tensor that wants a gradient.</summary>
    public static Tensor Tensor(double[][] rows) =>
        tensor([.. rows.SelectMany(row => row).Select(value => (float)value)], rows.Length, rows[0].Length).requires_grad_();
}
