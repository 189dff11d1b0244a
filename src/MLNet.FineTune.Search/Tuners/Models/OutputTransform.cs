using MathNet.Numerics.Distributions;

namespace MLNet.FineTune.Search;

/// <summary>
/// The values of an objective as a model sees them, and back: over their standard deviation; or as normal quantiles of their ranks, which outliers do
/// not move (the Gaussian copula of Salinas et al. 2020, "A Quantile-based Approach for Hyperparameter Transfer Learning", arXiv 1909.13595).
/// </summary>
internal sealed class OutputTransform
{
    private readonly double[] _from, _to; // ascending
    private readonly double _below, _above;

    /// <param name="values">What was measured.</param>
    /// <param name="copula">Whether ranks count rather than values.</param>
    public OutputTransform(double[] values, bool copula)
    {
        Values = copula ? Quantiles(values) : Standardized(values);
        (double Value, double Transformed)[] knots = [.. values.Zip(Values).DistinctBy(pair => pair.First).OrderBy(pair => pair.First)];
        (_to, _from) = ([.. knots.Select(knot => knot.Value)], [.. knots.Select(knot => knot.Transformed)]);
        // Beyond the ends it goes on as steeply as over the outer quarter.
        int quarter = Math.Min(Math.Max(1, knots.Length / 4), knots.Length - 1);
        _below = Slope(0, quarter);
        _above = Slope(knots.Length - 1 - quarter, knots.Length - 1);
    }

    /// <summary>The values transformed, in the order given.</summary>
    public double[] Values { get; }

    /// <summary>The value of a transformed one, interpolated between those measured.</summary>
    public double Inverse(double transformed)
    {
        if (transformed <= _from[0])
            return _to[0] + (transformed - _from[0]) * _below;
        if (transformed >= _from[^1])
            return _to[^1] + (transformed - _from[^1]) * _above;
        int at = Array.BinarySearch(_from, transformed);
        if (at >= 0)
            return _to[at];
        return _to[~at - 1] + (transformed - _from[~at - 1]) * Slope(~at - 1, ~at);
    }

    private double Slope(int low, int high) => low == high ? 1 : (_to[high] - _to[low]) / (_from[high] - _from[low]);

    private static double[] Standardized(double[] values)
    {
        double mean = values.Average(), deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
        return [.. values.Select(value => deviation > 0 ? (value - mean) / deviation : 0)];
    }

    /// <summary>Equal values have the mean of their ranks.</summary>
    private static double[] Quantiles(double[] values) =>
        [.. values.Select(value => Normal.InvCDF(0, 1, (values.Count(other => other < value) + 0.5 * values.Count(other => other == value)) / values.Length))];
}
