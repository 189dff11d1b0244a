using MathNet.Numerics.Distributions;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>The rank-sum test of Mann and Whitney (1947), by the normal approximation with corrections for ties and continuity.</summary>
internal static class MannWhitney
{
    /// <summary>The probability of ranks so much in favour of the first sample if both came from one distribution (one-sided).</summary>
    public static double PValue(IReadOnlyList<double> high, IReadOnlyList<double> low)
    {
        double wins = high.Sum(a => low.Sum(b => a > b ? 1 : a == b ? 0.5 : 0));
        double m = high.Count, n = low.Count, all = m + n;
        double ties = high.Concat(low).GroupBy(value => value).Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        double variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));
        return variance <= 0 ? 1 : 1 - Normal.CDF(0, 1, (wins - m * n / 2 - 0.5) / Math.Sqrt(variance));
    }
}
