namespace MLNet.FineTune.Training;

/// <summary>How well predicted numbers agree with the true ones.</summary>
internal static class RegressionMetrics
{
    /// <summary>The metrics of numbers.</summary>
    public static readonly IReadOnlyList<ValidationMetric> Defined = [ValidationMetric.RootMeanSquaredError, ValidationMetric.RSquared, ValidationMetric.SpearmanCorrelation];

    /// <summary>Whether the metric is one of numbers, and not of classes.</summary>
    public static bool Has(ValidationMetric metric) => Defined.Contains(metric);

    /// <summary>Checks before a long training that the metric can be computed.</summary>
    /// <exception cref="ArgumentException">It is one of classes.</exception>
    public static void Require(ValidationMetric metric)
    {
        if (!Has(metric))
            throw new ArgumentException($"{nameof(TrainingOptions)}.{nameof(TrainingOptions.ValidationMetric)} is {metric}, a metric of classes; expected one of numbers: {string.Join(", ", Defined)}.", nameof(metric));
    }

    /// <summary>Computes one metric.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="predicted">What was predicted.</param>
    /// <param name="targets">The true numbers; one at least.</param>
    /// <returns>Not a number where the metric needs numbers that differ and they do not.</returns>
    /// <exception cref="ArgumentException">The metric is one of classes, or sizes do not fit.</exception>
    public static double Compute(ValidationMetric metric, IReadOnlyList<float> predicted, IReadOnlyList<float> targets)
    {
        Require(metric);
        if (targets.Count == 0 || predicted.Count != targets.Count)
            throw new ArgumentException($"{predicted.Count} predictions and {targets.Count} numbers do not fit; expected as many, and at least one.", nameof(predicted));
        double[] given = [.. predicted.Select(value => (double)value)], truth = [.. targets.Select(value => (double)value)];
        return metric switch
        {
            ValidationMetric.RootMeanSquaredError => Math.Sqrt(SquaredError(given, truth) / truth.Length),
            ValidationMetric.RSquared => 1 - SquaredError(given, truth) / SquaredError([.. truth.Select(_ => truth.Average())], truth),
            _ => Spearman(given, truth),
        };
    }

    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, equal values sharing the mean of theirs.</summary>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double[] a = Ranks(x), b = Ranks(y);
        double meanA = a.Average(), meanB = b.Average();
        double both = a.Zip(b, (p, q) => (p - meanA) * (q - meanB)).Sum();
        return both / Math.Sqrt(a.Sum(p => (p - meanA) * (p - meanA)) * b.Sum(q => (q - meanB) * (q - meanB)));
    }

    private static double SquaredError(double[] given, double[] truth) => given.Zip(truth, (p, t) => (p - t) * (p - t)).Sum();

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
