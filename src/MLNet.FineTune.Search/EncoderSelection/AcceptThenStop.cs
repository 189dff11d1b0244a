using MathNet.Numerics;

namespace MLNet.FineTune.Search;

/// <summary>
/// The prediction of AtS, "accept then stop" (Lin et al. 2024, arXiv 2402.02314): points come from many rows to few, and belong to the power phase, a line of log-loss against
/// log-rows, until one is too far from the line of those before; the line of the accepted ones is extended to all rows.
/// </summary>
internal static class AcceptThenStop
{
    /// <summary>k: so many points are accepted unseen, for a line to be drawn.</summary>
    public const int FirstPoints = 3;

    // Three points may lie on a line by chance; a loss that two runs of the same size agree on to within a hundredth is no outlier.
    private const double LeastDeviation = 0.01;

    /// <summary>Whether the next point, of fewer rows, still is of the power phase.</summary>
    /// <param name="accepted">The points before.</param>
    /// <param name="next">The point.</param>
    /// <param name="threshold">δ: the most standard deviations of the residuals that it may be away from the line.</param>
    public static bool Accepts(IReadOnlyList<ScalingPoint> accepted, ScalingPoint next, double threshold)
    {
        if (accepted.Count < FirstPoints)
            return true;
        PowerLaw line = PowerLaw.Through(accepted);
        double variance = accepted.Sum(point => Math.Pow(line.Residual(point), 2)) / accepted.Count;
        return Math.Abs(line.Residual(next)) / Math.Max(Math.Sqrt(variance), LeastDeviation) <= threshold;
    }

    /// <summary>The loss for a number of rows, by the line through the accepted points.</summary>
    public static double Predict(IReadOnlyList<ScalingPoint> accepted, int rows) => PowerLaw.Through(accepted).LossAt(rows);

    /// <param name="Intercept">The log-loss for one row.</param>
    /// <param name="Slope">The change of log-loss with log-rows.</param>
    private sealed record PowerLaw(double Intercept, double Slope)
    {
        public static PowerLaw Through(IReadOnlyList<ScalingPoint> points)
        {
            if (points.Count == 1)
                return new PowerLaw(Math.Log(points[0].Loss), 0);
            (double intercept, double slope) = Fit.Line([.. points.Select(point => Math.Log(point.Rows))], [.. points.Select(point => Math.Log(point.Loss))]);
            return new PowerLaw(intercept, slope);
        }

        public double LossAt(double rows) => Math.Exp(Intercept + Slope * Math.Log(rows));

        public double Residual(ScalingPoint point) => Math.Log(point.Loss) - Math.Log(LossAt(point.Rows));
    }
}
