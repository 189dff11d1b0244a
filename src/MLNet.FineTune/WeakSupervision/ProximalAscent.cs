namespace MLNet.FineTune.WeakSupervision;

/// <summary>Where an ascent ended.</summary>
/// <param name="Maximum">The point.</param>
/// <param name="Values">The function, less penalties, after each iteration; it never falls.</param>
/// <param name="Converged">Whether the last iteration gained less than the tolerance.</param>
internal sealed record AscentResult(double[] Maximum, IReadOnlyList<double> Values, bool Converged);

/// <summary>Gradient ascent on a smooth function less a weighted L1 norm, with steps as long as the function allows (proximal gradient with backtracking: Beck and Teboulle 2009, "A Fast Iterative Shrinkage-Thresholding Algorithm").</summary>
internal static class ProximalAscent
{
    private const double ShortestStep = 1e-12;

    /// <param name="evaluate">Gives the smooth function at a point, and writes its gradient.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="scales">By coordinate, how long its steps are beside the others'; above 0.</param>
    /// <param name="penalties">By coordinate, the weight of its absolute value; null for none.</param>
    /// <param name="iterations">Most steps.</param>
    /// <param name="tolerance">The gain below which it ends.</param>
    /// <param name="checkAlive">Called before each step; throws to stop.</param>
    public static AscentResult Maximize(Func<double[], double[], double> evaluate, double[] start, double[] scales, double[]? penalties, int iterations, double tolerance, Action checkAlive)
    {
        double[] point = [.. start], gradient = new double[start.Length], trial = new double[start.Length], trialGradient = new double[start.Length];
        double value = evaluate(point, gradient), total = value - Penalty(point), step = 1;
        var values = new List<double>();
        while (values.Count < iterations)
        {
            checkAlive();
            double trialValue;
            while (!IsAboveBound(trialValue = evaluate(Move(), trialGradient)))
                if ((step /= 2) < ShortestStep)
                    return new AscentResult(point, values, Converged: true);
            (point, trial, gradient, trialGradient, value) = (trial, point, trialGradient, gradient, trialValue);
            double gain = -total + (total = value - Penalty(point));
            values.Add(total);
            if (gain < tolerance)
                return new AscentResult(point, values, Converged: true);
            step *= 1.5;
        }
        return new AscentResult(point, values, Converged: false);

        double[] Move()
        {
            for (int i = 0; i < point.Length; i++)
            {
                double moved = point[i] + step * scales[i] * gradient[i], shrink = penalties is null ? 0 : step * scales[i] * penalties[i];
                trial[i] = Math.Sign(moved) * Math.Max(0, Math.Abs(moved) - shrink);
            }
            return trial;
        }

        // Whether the function at the trial is at least the parabola that the step length stands for; then the step gains.
        bool IsAboveBound(double trialValue)
        {
            double bound = value;
            for (int i = 0; i < point.Length; i++)
            {
                double moved = trial[i] - point[i];
                bound += gradient[i] * moved - moved * moved / (2 * step * scales[i]);
            }
            return trialValue >= bound;
        }

        double Penalty(double[] at)
        {
            double sum = 0;
            for (int i = 0; penalties is not null && i < at.Length; i++)
                sum += penalties[i] * Math.Abs(at[i]);
            return sum;
        }
    }
}
