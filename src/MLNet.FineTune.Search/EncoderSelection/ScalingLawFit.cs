using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace MLNet.FineTune.Search;

/// <summary>Fits the rectified scaling law. The four parameters are searched as logarithms, which keeps them positive, by the simplex method, which minds no kinks.</summary>
internal static class ScalingLawFit
{
    // Differences of logarithms beyond this count linearly: a single odd run does not bend the curve. As for scaling laws of pre-training (Hoffmann et al. 2022, arXiv 2203.15556).
    private const double HuberDelta = 1e-3;
    private const int Iterations = 2000;
    private const int Restarts = 4;

    // Beyond it a point learns nothing and everything at once; it keeps powers finite.
    private const double MaxBeta = 4;

    public static RectifiedScalingLaw Run(IReadOnlyList<ScalingPoint> points)
    {
        double Cost(Vector<double> parameters) => Distance(Law(parameters), points);
        Vector<double> best = Starts(points).Select(start => Minimum(start, Cost)).MinBy(Cost)!;
        // The simplex shrinks too early at times; a new one around the best point finds the rest of the way.
        for (int i = 0; i < Restarts; i++)
            best = Minimum(best, Cost);
        return Law(best);
    }

    private static RectifiedScalingLaw Law(Vector<double> parameters) =>
        new(Math.Exp(parameters[0]), Math.Exp(parameters[1]), Math.Exp(parameters[2]), Math.Exp(parameters[3]));

    /// <summary>The mean Huber loss of log predicted − log measured.</summary>
    private static double Distance(RectifiedScalingLaw law, IReadOnlyList<ScalingPoint> points)
    {
        if (law.Beta > MaxBeta)
            return double.MaxValue;
        double cost = points.Average(point => Huber(Math.Log(law.LossAt(point.Rows)) - Math.Log(point.Loss)));
        return double.IsFinite(cost) ? cost : double.MaxValue;
    }

    private static double Huber(double difference) =>
        Math.Abs(difference) <= HuberDelta ? difference * difference / 2 : HuberDelta * (Math.Abs(difference) - HuberDelta / 2);

    /// <summary>Slow and fast, with much and little learnt before, ending high and low; each through the first point.</summary>
    private static IEnumerable<Vector<double>> Starts(IReadOnlyList<ScalingPoint> points)
    {
        ScalingPoint first = points.MinBy(point => point.Rows)!;
        double middle = Math.Sqrt((double)first.Rows * points.Max(point => point.Rows)), least = points.Min(point => point.Loss);
        foreach (double beta in (double[])[0.2, 0.5, 1])
            foreach (double size in (double[])[0.05, 1, 5])
                foreach (double rest in (double[])[0.02, 0.5, 0.9])
                {
                    double learnt = size * Math.Pow(middle, beta), end = rest * least;
                    double scale = Math.Max(first.Loss - end, least * 0.01) * (learnt + Math.Pow(first.Rows, beta));
                    yield return Vector<double>.Build.Dense([Math.Log(scale), Math.Log(learnt), Math.Log(beta), Math.Log(end)]);
                }
    }

    private static Vector<double> Minimum(Vector<double> start, Func<Vector<double>, double> cost)
    {
        Vector<double> best = start;
        double lowest = cost(start);
        try
        {
            NelderMeadSimplex.Minimum(ObjectiveFunction.Value(Watched), start, Vector<double>.Build.Dense(start.Count, 0.5), convergenceTolerance: 1e-12, maximumIterations: Iterations);
        }
        catch (OptimizationException)
        {
            // The iterations were spent: the best point so far is what is wanted.
        }
        return best;

        double Watched(Vector<double> parameters)
        {
            double value = cost(parameters);
            if (value < lowest)
                (best, lowest) = (parameters.Clone(), value);
            return value;
        }
    }
}
