using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>InfoNCE over a batch: each text against all others of the other side, both ways (van den Oord et al. 2018, arXiv 1807.03748).</summary>
internal static class InBatchContrast
{
    /// <param name="anchors">[n, width].</param>
    /// <param name="positives">[n, width]; row i belongs to anchor i.</param>
    /// <param name="temperature">Divides the cosine similarities.</param>
    /// <param name="alike">True where anchor i and positive j, i ≠ j, are no negatives because a text of theirs is the same, bool [n, n]; null for none.</param>
    /// <returns>The mean cross-entropy of finding the positive among all positives, and the anchor among all anchors.</returns>
    public static Tensor Loss(Tensor anchors, Tensor positives, double temperature, Tensor? alike = null)
    {
        Tensor similarity = Unit(anchors).matmul(Unit(positives).t()).Div(temperature);
        if (alike is not null)
            similarity = similarity.MaskedFill(alike, float.NegativeInfinity);
        Tensor targets = TensorArithmetic.Arange(anchors.size(0), anchors.device);
        return functional.cross_entropy(similarity, targets).Add(functional.cross_entropy(similarity.t(), targets)).Div(2);
    }

    /// <summary>
    /// Marks anchors and positives that are no negatives of each other: the anchors of two pairs, their positives, or one's
    /// anchor and the other's positive are the same text. Null when there are none.
    /// </summary>
    public static bool[,]? Alike(IReadOnlyList<int[]> anchors, IReadOnlyList<int[]> positives)
    {
        bool[,]? alike = null;
        var groups = anchors.Select((ids, row) => (ids, row, Anchor: true)).Concat(positives.Select((ids, row) => (ids, row, Anchor: false)))
            .GroupBy(text => string.Join(',', text.ids), text => (text.row, text.Anchor));
        foreach ((int Row, bool Anchor)[] texts in groups.Select(group => group.ToArray()).Where(texts => texts.Length > 1))
            foreach ((int i, bool first) in texts)
                foreach ((int j, bool second) in texts)
                    if (i != j && (first == second || first))
                        (alike ??= new bool[anchors.Count, anchors.Count])[i, j] = true;
        return alike;
    }

    private static Tensor Unit(Tensor rows) => functional.normalize(rows, p: 2, dim: 1, eps: 1e-8);
}
