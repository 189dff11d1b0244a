namespace MLNet.FineTune.Benchmarks.Similarity;

/// <summary>Agreement of two orders.</summary>
internal static class RankCorrelation
{
    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, equal values sharing the mean of theirs.</summary>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double[] a = Ranks(x), b = Ranks(y);
        double meanA = a.Average(), meanB = b.Average();
        double both = a.Zip(b, (p, q) => (p - meanA) * (q - meanB)).Sum();
        return both / Math.Sqrt(a.Sum(p => (p - meanA) * (p - meanA)) * b.Sum(q => (q - meanB) * (q - meanB)));
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        var ranks = new double[values.Count];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]].Equals(values[order[start]]);)
                end++;
            foreach (int row in order[start..end])
                ranks[row] = (start + end - 1) / 2.0;
        }
        return ranks;
    }
}
