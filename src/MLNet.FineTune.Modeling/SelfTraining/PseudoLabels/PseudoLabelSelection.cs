namespace MLNet.FineTune.SelfTraining;

/// <summary>Which pseudo-labels are good enough to learn from.</summary>
/// <param name="Threshold">Least probability of the predicted class.</param>
/// <param name="MaxEntropy">Largest entropy, as a share of its maximum.</param>
/// <param name="PerClass">Most texts of a class, those of the highest confidence; null for no limit.</param>
/// <param name="Balance">How classes are balanced.</param>
internal sealed record PseudoLabelSelection(double Threshold = 0, double MaxEntropy = 1, int? PerClass = null, PseudoLabelBalance Balance = PseudoLabelBalance.None)
{
    /// <summary>The texts to learn from, ascending, and their weights, of mean one; null where all weigh the same.</summary>
    public (int[] Rows, float[]? Weights) Select(PseudoLabels labels)
    {
        // Rounding may put the entropy of equal probabilities a little above one.
        int[][] classes = [.. Enumerable.Range(0, labels.Count)
            .Where(row => labels.Confidence(row) >= (float)Threshold && (MaxEntropy >= 1 || labels.Entropy(row) <= MaxEntropy))
            .GroupBy(labels.Label).Select(group => group.ToArray())];
        int limit = PerClass ?? int.MaxValue;
        if (Balance == PseudoLabelBalance.Undersample && classes.Length > 0)
            limit = Math.Min(limit, classes.Min(rows => rows.Length));
        classes = [.. classes.Select(rows => rows.Length <= limit ? rows : [.. rows.OrderByDescending(labels.Confidence).ThenBy(row => row).Take(limit)])];

        int[] kept = [.. classes.SelectMany(rows => rows).Order()];
        if (Balance != PseudoLabelBalance.Weights)
            return (kept, null);
        int[] counts = labels.CountPerClass(kept);
        return (kept, [.. kept.Select(row => (float)((double)kept.Length / (classes.Length * counts[labels.Label(row)])))]);
    }
}
