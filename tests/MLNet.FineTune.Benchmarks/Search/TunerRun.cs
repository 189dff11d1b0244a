using MathNet.Numerics.Distributions;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>One search on a test problem.</summary>
internal static class TunerRun
{
    /// <summary>What the default of each parameter is, which some tuners try first: not the middle, where DTLZ2 has its front.</summary>
    private const double Default = 0.25;

    /// <summary>The hypervolume that the points tried dominate, at their true objectives.</summary>
    public static double Hypervolume(TestProblem problem, Tuner tuner, int evaluations, int seed)
    {
        var builder = new ParameterSpaceBuilder();
        for (int i = 0; i < problem.Dimensions; i++)
            if (problem.Levels is { } levels)
                builder.Integer($"x{i}", 0, levels - 1, initial: levels / 4);
            else
                builder.Real($"x{i}", 0, 1, initial: Default);
        TunerSession session = tuner.Start(builder.Build(), seed);
        var noise = new Random(seed);
        var tried = new List<double[]>();
        while (tried.Count < evaluations)
        {
            IReadOnlyDictionary<string, object> point = session.Propose()[0];
            double[] x = [.. Enumerable.Range(0, problem.Dimensions).Select(i => point[$"x{i}"] is long level ? level / (problem.Levels!.Value - 1.0) : (double)point[$"x{i}"])];
            double[] objectives = problem.Objectives(x);
            tried.Add(objectives);
            session.Tell(TunerTrial.Completed(point, [.. objectives.Select(value => value + (problem.Noise > 0 ? Normal.Sample(noise, 0, problem.Noise) : 0))]));
        }
        return FineTune.Search.Hypervolume.Of(tried, problem.Reference);
    }
}
