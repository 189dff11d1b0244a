using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class GaussianProcessTests
{
    private static readonly int[] Groups = [0, 1, 1, 2];

    private static double[][] Inputs(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 4).Select(_ => random.NextDouble()).ToArray())];
    }

    private static double Wave(double[] x) => Math.Sin(3 * x[0]) + 0.5 * x[1];

    /// <summary>The covariance by the formula, with MathNet's matrices.</summary>
    private static double Covariance(GaussianProcessParameters p, double[] a, double[] b)
    {
        double squared = Enumerable.Range(0, 4).Sum(i => p.InverseSquaredScales[Groups[i]] * (a[i] - b[i]) * (a[i] - b[i])), r = Math.Sqrt(squared);
        return 1 + p.Signal * (1 + Math.Sqrt(5) * r + 5.0 / 3 * squared) * Math.Exp(-Math.Sqrt(5) * r) + (ReferenceEquals(a, b) ? GaussianProcessParameters.Rough : 0);
    }

    private static Matrix<double> Matrix(GaussianProcessParameters p, double[][] a, double[][] b) => Matrix<double>.Build.Dense(a.Length, b.Length, (i, j) => Covariance(p, a[i], b[j]));

    [TestMethod]
    public void CholeskyIsThatOfTheLibrary()
    {
        double[][] inputs = Inputs(13, 1);
        var parameters = new GaussianProcessParameters([1, 2, 0.5], 1.5, 0.01);
        Matrix<double> matrix = Matrix(parameters, inputs, inputs) + 0.01 * Matrix<double>.Build.DenseIdentity(13);
        CholeskyFactor factor = CholeskyFactor.TryFactor([.. matrix.ToRowMajorArray()], 13)!;
        Assert.AreEqual(matrix.Cholesky().DeterminantLn, factor.LogDeterminant, 1e-9);
        double[] solved = [.. Enumerable.Range(1, 13).Select(i => (double)i)];
        Vector<double> right = Vector<double>.Build.Dense([.. solved]);
        factor.Solve(solved);
        Assert.AreEqual(0, (matrix * Vector<double>.Build.Dense(solved) - right).L2Norm(), 1e-9);
        double[] inverse = factor.Inverse();
        Matrix<double> expected = matrix.Inverse();
        for (int i = 0; i < 13; i++)
            for (int j = 0; j <= i; j++)
                Assert.AreEqual(expected[i, j], inverse[i * 13 + j], 1e-7);
        Assert.IsNull(CholeskyFactor.TryFactor([1, 2, 2, 1], 2));
        Assert.ThrowsExactly<ArithmeticException>(() => CholeskyFactor.Factor([1, double.NaN, double.NaN, 1], 2));
    }

    [TestMethod]
    public void TheDensityIsThatOfTheFormulas()
    {
        double[][] inputs = Inputs(9, 2);
        double[] outputs = [.. inputs.Select(Wave)];
        var posterior = new SaasPosterior(inputs, outputs, Groups, 3);
        // Up to a constant: differences between two places.
        double[] a = [0.3, -2, 1, 0.2, -3, -2], b = [-1, 0.5, 0.1, -0.4, -6, -1];
        double actual = posterior.Evaluate(a, new double[6]) - posterior.Evaluate(b, new double[6]);
        Assert.AreEqual(Expected(a) - Expected(b), actual, 1e-8);

        double Expected(double[] logs)
        {
            GaussianProcessParameters p = posterior.Parameters(logs);
            Matrix<double> k = Matrix(p, inputs, inputs) + p.Noise * Matrix<double>.Build.DenseIdentity(9);
            Vector<double> y = Vector<double>.Build.Dense(outputs);
            double loss = 0.5 * (y * k.Inverse() * y) + 0.5 * Math.Log(k.Determinant());
            double tau = Math.Exp(logs[5]);
            foreach (double rho in p.InverseSquaredScales)
                loss -= Math.Log(rho * HalfCauchy(rho, tau));
            return loss - Math.Log(tau * HalfCauchy(tau, 0.1)) - Math.Log(p.Signal * Gamma.PDF(2, 0.15, p.Signal)) - Math.Log(p.Noise * Gamma.PDF(0.9, 10, p.Noise));
        }

        static double HalfCauchy(double x, double scale) => 2 * Cauchy.PDF(0, scale, x);
    }

    [TestMethod]
    public void TheGradientIsThatOfFiniteDifferences()
    {
        double[][] inputs = Inputs(12, 3);
        var posterior = new SaasPosterior(inputs, [.. inputs.Select(Wave)], Groups, 3);
        var random = new Random(4);
        for (int trial = 0; trial < 5; trial++)
        {
            double[] logs = [.. Enumerable.Range(0, posterior.Length).Select(_ => 3 * random.NextDouble() - 2)], gradient = new double[posterior.Length];
            posterior.Evaluate(logs, gradient);
            for (int i = 0; i < logs.Length; i++)
            {
                double[] up = [.. logs], down = [.. logs];
                (up[i], down[i]) = (up[i] + 1e-5, down[i] - 1e-5);
                double difference = (posterior.Evaluate(up, new double[logs.Length]) - posterior.Evaluate(down, new double[logs.Length])) / 2e-5;
                Assert.AreEqual(difference, gradient[i], 1e-4 * Math.Max(1, Math.Abs(difference)), $"parameter {i}");
            }
        }
    }

    [TestMethod]
    public void WhatDoesNotMatterIsLeftOut()
    {
        double[][] inputs = Inputs(30, 5);
        double[] outputs = new OutputTransform([.. inputs.Select(x => Math.Sin(5 * x[0]))], copula: false).Values;
        var posterior = new SaasPosterior(inputs, outputs, Groups, 3);
        double[] scales = posterior.Parameters(GaussianProcessFit.Fit(posterior, new Random(1))).InverseSquaredScales;
        Assert.IsGreaterThan(100 * scales[1], scales[0]);
        Assert.IsGreaterThan(100 * scales[2], scales[0]);
    }

    /// <summary>Over all draws, values at a further point have the mean and variance of the process given the noisy observations.</summary>
    [TestMethod]
    public void SamplesHaveThePosteriorsMoments()
    {
        double[][] inputs = Inputs(8, 6), tried = [.. inputs, .. Inputs(2, 7)];
        double[] outputs = [.. inputs.Select(Wave)];
        var p = new GaussianProcessParameters([3, 1, 0.2], 1.3, 0.2);
        const int draws = 4096;
        var sequence = new SobolSequence(tried.Length + 1, new Random(8), draws);
        double[][] normals = [.. Enumerable.Range(0, draws).Select(s => sequence.Point(s).Select(u => Normal.InvCDF(0, 1, u)).ToArray())];
        var samples = new PosteriorSamples(p, Groups, tried, outputs, [.. normals.Select(z => z[1..])]);
        Matrix<double> known = (Matrix(p, inputs, inputs) + p.Noise * Matrix<double>.Build.DenseIdentity(8)).Inverse();
        var values = new double[draws];
        foreach (double[] at in Inputs(3, 9))
        {
            samples.At(at, [.. normals.Select(z => z[0])], values);
            Vector<double> covariances = Vector<double>.Build.Dense(8, i => Covariance(p, at, inputs[i]));
            double mean = covariances * known * Vector<double>.Build.Dense(outputs), variance = 1 + p.Signal - covariances * known * covariances;
            Assert.AreEqual(mean, values.Average(), 0.03);
            double actual = values.Average(value => value * value) - values.Average() * values.Average();
            Assert.AreEqual(variance, actual, 0.06 * variance + 1e-3);
        }
        Vector<double> expected = Matrix(p, tried, inputs) * known * Vector<double>.Build.Dense(outputs);
        for (int i = 0; i < tried.Length; i++)
            Assert.AreEqual(expected[i], samples.Means[i], 1e-6);
    }

    /// <summary>With next to no noise, the score is the mean of the improvement over independent draws of the two predictions.</summary>
    [TestMethod]
    public void ScoresAreExpectedImprovements()
    {
        double[][] inputs = Inputs(10, 10);
        OutputTransform[] outputs = [new([.. inputs.Select(x => x[0])], copula: false), new([.. inputs.Select(x => 1 - x[0] + x[3])], copula: false)];
        GaussianProcessParameters[] models = [new([1, 0.1, 0.3], 2, 1e-8), new([0.5, 0.2, 1], 2, 1e-8)];
        var improvement = new NoisyHypervolumeImprovement(models, Groups, inputs, outputs, share: 1, samples: 512, new Random(1));
        double[][] points = [.. Enumerable.Range(0, 10).Select(i => outputs.Select(output => output.Inverse(output.Values[i])).ToArray())];
        double[] best = [points.Min(point => point[0]), points.Min(point => point[1])];
        double[] reference = [best[0] + 1.1 * (points.Max(point => point[0]) - best[0]), best[1] + 1.1 * (points.Max(point => point[1]) - best[1])];
        double[] floor = [.. best.Zip(reference, (low, high) => low - 0.05 * (high - low))];
        var random = new Random(2);
        int improving = 0;
        foreach (double[] at in Inputs(12, 11))
        {
            (double Mean, double Deviation)[] predictions = [.. models.Select((p, k) =>
            {
                Matrix<double> known = (Matrix(p, inputs, inputs) + p.Noise * Matrix<double>.Build.DenseIdentity(10)).Inverse();
                Vector<double> covariances = Vector<double>.Build.Dense(10, i => Covariance(p, at, inputs[i]));
                return (covariances * known * Vector<double>.Build.Dense(outputs[k].Values), Math.Sqrt(1 + p.Signal - covariances * known * covariances));
            })];
            double expected = Enumerable.Range(0, 2000).Average(_ => Hypervolume.Improvement(points,
                [.. predictions.Select((prediction, k) => Math.Max(floor[k], outputs[k].Inverse(Normal.Sample(random, prediction.Mean, prediction.Deviation))))], reference));
            if (expected > 0.005)
            {
                improving++;
                Assert.AreEqual(expected, improvement.Score(at), 0.1 * expected);
            }
        }
        Assert.IsGreaterThan(2, improving);
    }
}
