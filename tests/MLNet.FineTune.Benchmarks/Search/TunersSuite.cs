using System.Diagnostics;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>Hypervolumes that tuners reach on functions whose front is known, and how sure it is that the Bayesian one is better.</summary>
internal static class TunersSuite
{
    private static readonly (string Name, Tuner Tuner)[] Tuners =
        [("bayesian", new BayesianTuner()), ("nsga-ii", new NsgaTuner()), ("motpe", new TpeTuner()), ("random", new RandomTuner()), ("sobol", new RandomTuner { QuasiRandom = true })];

    public static void Run(IEnumerable<TestProblem> problems, int evaluations, int seeds, int firstSeed)
    {
        var report = new Report("tuners");
        foreach (TestProblem problem in problems)
        {
            double[] bayesian = [];
            foreach ((string name, Tuner tuner) in Tuners)
            {
                Report.Progress($"{problem.Name}, {name}");
                var watch = Stopwatch.StartNew();
                double[] volumes = [.. Enumerable.Range(firstSeed, seeds).Select(seed => TunerRun.Hypervolume(problem, tuner, evaluations, seed))];
                double seconds = watch.Elapsed.TotalSeconds / seeds;
                if (bayesian.Length == 0)
                    bayesian = volumes;
                report.Add($"{problem.Name}/{name}", volumes.Average(), "hypervolume", ("sd", Statistics.StandardDeviation(volumes)), ("gap", problem.Best - volumes.Average()),
                    ("p_bayesian_better", volumes == bayesian ? null : MannWhitney.PValue(bayesian, volumes)), ("seconds", seconds));
            }
        }
        report.PrintTable();
    }
}
