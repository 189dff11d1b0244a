namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>A function with two objectives or more, all minimised, whose front is known.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">The number of parameters, each from 0 to 1.</param>
/// <param name="Reference">The reference point of the hypervolume.</param>
/// <param name="Best">The hypervolume of the front.</param>
/// <param name="Objectives">The objectives at a point.</param>
/// <param name="Levels">The number of values of each parameter, evenly spaced; null for a continuum.</param>
/// <param name="Noise">The standard deviation of what is added to each objective when it is measured.</param>
internal sealed record TestProblem(string Name, int Dimensions, double[] Reference, double Best, Func<double[], double[]> Objectives, int? Levels = null, double Noise = 0)
{
    /// <summary>The suite: ZDT1 to ZDT3 (Zitzler, Deb and Thiele 2000) and DTLZ2 with three objectives (Deb et al. 2002), continuous and on grids, and ZDT1 with noise.</summary>
    public static IReadOnlyList<TestProblem> All { get; } =
    [
        .. Both(new TestProblem("zdt1", 8, [11, 11], 11 * 11 - 1.0 / 3, Zdt1)),
        .. Both(new TestProblem("zdt2", 8, [11, 11], 11 * 11 - 2.0 / 3, Zdt2)),
        .. Both(new TestProblem("zdt3", 8, [11, 11], 128.7776, Zdt3)),
        .. Both(new TestProblem("dtlz2", 8, [1.1, 1.1, 1.1], 1.1 * 1.1 * 1.1 - Math.PI / 6, Dtlz2)),
        new TestProblem("zdt1-noisy", 8, [11, 11], 11 * 11 - 1.0 / 3, Zdt1, Levels: 10, Noise: 0.2),
    ];

    private static IEnumerable<TestProblem> Both(TestProblem problem) => [problem, problem with { Name = problem.Name + "-grid", Levels = 10 }];

    private static double[] Zdt1(double[] x)
    {
        double g = G(x);
        return [x[0], g * (1 - Math.Sqrt(x[0] / g))];
    }

    private static double[] Zdt2(double[] x)
    {
        double g = G(x);
        return [x[0], g * (1 - x[0] / g * (x[0] / g))];
    }

    private static double[] Zdt3(double[] x)
    {
        double g = G(x);
        return [x[0], g * (1 - Math.Sqrt(x[0] / g) - x[0] / g * Math.Sin(10 * Math.PI * x[0]))];
    }

    private static double G(double[] x) => 1 + 9 * x.Skip(1).Average();

    private static double[] Dtlz2(double[] x)
    {
        double g = 1 + x.Skip(2).Sum(value => (value - 0.5) * (value - 0.5));
        double a = x[0] * Math.PI / 2, b = x[1] * Math.PI / 2;
        return [g * Math.Cos(a) * Math.Cos(b), g * Math.Cos(a) * Math.Sin(b), g * Math.Sin(a)];
    }
}
