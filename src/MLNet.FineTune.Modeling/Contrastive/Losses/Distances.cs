using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Contrastive;

/// <summary>Distances of embeddings. Those of equal embeddings have a gradient of zero where the root has none.</summary>
internal static class Distances
{
    /// <summary>Of each row to its like in the other matrix: [rows, width] twice → [rows].</summary>
    public static Tensor OfPairs(Tensor first, Tensor second, EmbeddingDistance distance) =>
        distance == EmbeddingDistance.Cosine ? Cosines(first, second).Rsub(1) : (first - second).norm(1, p: 2);

    /// <summary>Of all rows to each other: [n, width] → [n, n].</summary>
    public static Tensor OfAll(Tensor rows, EmbeddingDistance distance) =>
        distance == EmbeddingDistance.Cosine ? Cosines(rows).Rsub(1) : cdist(rows, rows, 2, compute_mode.donot_use_mm_for_euclid_dist);

    /// <summary>Cosines of each row and its like in the other matrix: [rows, width] twice → [rows].</summary>
    public static Tensor Cosines(Tensor first, Tensor second) => (Unit(first) * Unit(second)).sum(1L);

    /// <summary>Cosines of all rows with each other: [n, width] → [n, n].</summary>
    public static Tensor Cosines(Tensor rows)
    {
        Tensor unit = Unit(rows);
        return unit.matmul(unit.t());
    }

    private static Tensor Unit(Tensor rows) => functional.normalize(rows, p: 2, dim: 1, eps: 1e-8);
}
