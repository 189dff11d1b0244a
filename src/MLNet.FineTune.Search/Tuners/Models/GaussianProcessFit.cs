using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace MLNet.FineTune.Search;

/// <summary>The parameters of highest posterior density: L-BFGS from the best of several starts.</summary>
internal static class GaussianProcessFit
{
    private const int Screened = 12, Starts = 3, Iterations = 60;

    /// <param name="posterior">The density.</param>
    /// <param name="random">Draws starts.</param>
    /// <returns>The parameters, as logarithms.</returns>
    public static double[] Fit(SaasPosterior posterior, Random random)
    {
        var gradient = new double[posterior.Length];
        IEnumerable<double[]> starts = Enumerable.Range(0, Screened).Select(i => Start(posterior, i, random)).ToArray()
            .OrderBy(start => posterior.Evaluate(start, gradient)).Take(Starts);
        return starts.Select(start => Descend(posterior, start)).MinBy(end => end.Loss).Logs;
    }

    /// <summary>First all parameters of the space alike, the function smooth and rough; then each by chance.</summary>
    private static double[] Start(SaasPosterior posterior, int index, Random random)
    {
        var logs = new double[posterior.Length];
        for (int g = 0; g < posterior.GroupCount; g++)
            logs[g] = index switch
            {
                0 => Math.Log(0.1),
                1 => Math.Log(1),
                2 => Math.Log(10),
                _ => Math.Log(0.01) + random.NextDouble() * Math.Log(30 / 0.01),
            };
        logs[posterior.GroupCount] = index < 3 ? 0 : random.NextDouble() * 2 - 0.5;
        logs[posterior.GroupCount + 1] = Math.Log(index % 2 == 0 ? 1e-4 : 3e-2);
        logs[posterior.GroupCount + 2] = Math.Log(0.1);
        return logs;
    }

    private static (double[] Logs, double Loss) Descend(SaasPosterior posterior, double[] start)
    {
        (double[] Logs, double Loss) best = (start, double.PositiveInfinity);
        var objective = ObjectiveFunction.Gradient(point =>
        {
            double[] logs = point.ToArray(), gradient = new double[logs.Length];
            double loss = posterior.Evaluate(logs, gradient);
            if (loss < best.Loss)
                best = (logs, loss);
            // The line search wants a number; what is no density is far uphill.
            return (double.IsFinite(loss) ? loss : 1e10, Vector<double>.Build.Dense(gradient));
        });
        try
        {
            new LimitedMemoryBfgsMinimizer(1e-3, 1e-4, 1e-6, 8, Iterations).FindMinimum(objective, Vector<double>.Build.Dense(start));
        }
        catch (OptimizationException)
        {
            // Out of iterations, or the line search can go no lower: the lowest point seen is the answer.
        }
        return best;
    }
}
