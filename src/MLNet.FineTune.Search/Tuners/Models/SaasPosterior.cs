using System.Numerics.Tensors;

namespace MLNet.FineTune.Search;

/// <summary>
/// The posterior density of a Gaussian process's parameters with a Matérn-5/2 kernel and the sparse axis-aligned subspace prior, under which most parameters
/// of a function do not matter: inverse squared length scales are half-Cauchy around a common shrinkage τ, half-Cauchy(0.1) itself (Eriksson and
/// Jankowiak 2021, "High-Dimensional Bayesian Optimization with Sparse Axis-Aligned Subspaces", arXiv 2103.00234). The priors of the variances are
/// Gamma(2, 0.15) for the function's and Gamma(0.9, 10) for the noise's. All parameters are logarithms, and densities those of the logarithms.
/// </summary>
internal sealed class SaasPosterior
{
    private const double ShrinkageScale = 0.1;
    private const double SignalShape = 2, SignalRate = 0.15;
    private const double NoiseShape = 0.9, NoiseRate = 10;

    /// <summary>Beyond e^±Bound variances and scales are as good as 0 or infinite.</summary>
    private const double Bound = 30;

    private readonly double[] _outputs;
    private readonly double[][] _squares; // [groups][pairs i > j]: squared distances

    /// <param name="inputs">Features of each observation.</param>
    /// <param name="outputs">What was observed, of mean about 0 and variance about 1.</param>
    /// <param name="groups">The group of each feature.</param>
    /// <param name="groupCount">The number of groups.</param>
    public SaasPosterior(double[][] inputs, double[] outputs, int[] groups, int groupCount)
    {
        (_outputs, GroupCount) = (outputs, groupCount);
        int n = inputs.Length;
        _squares = [.. Enumerable.Range(0, groupCount).Select(_ => new double[n * (n - 1) / 2])];
        for (int feature = 0; feature < groups.Length; feature++)
        {
            double[] squares = _squares[groups[feature]];
            for (int i = 1, pair = 0; i < n; i++)
                for (int j = 0; j < i; j++, pair++)
                {
                    double difference = inputs[i][feature] - inputs[j][feature];
                    squares[pair] += difference * difference;
                }
        }
    }

    public int GroupCount { get; }

    /// <summary>The number of parameters: log ρ of each group, log σ_f², log σ_n², log τ.</summary>
    public int Length => GroupCount + 3;

    /// <summary>The parameters of a process.</summary>
    public GaussianProcessParameters Parameters(ReadOnlySpan<double> logs)
    {
        double[] scales = new double[GroupCount];
        for (int g = 0; g < GroupCount; g++)
            scales[g] = Exp(logs[g]);
        return new GaussianProcessParameters(scales, Exp(logs[GroupCount]), Exp(logs[GroupCount + 1]));
    }

    /// <summary>The negative logarithm of the density, up to a constant, and its gradient.</summary>
    /// <param name="logs">The parameters.</param>
    /// <param name="gradient">Is filled.</param>
    /// <returns>Infinity, with a gradient of zero, where the covariance is singular.</returns>
    public double Evaluate(ReadOnlySpan<double> logs, Span<double> gradient)
    {
        int n = _outputs.Length;
        GaussianProcessParameters parameters = Parameters(logs);
        double[] distances = new double[n * (n - 1) / 2];
        for (int g = 0; g < GroupCount; g++)
            TensorPrimitives.MultiplyAdd(_squares[g], parameters.InverseSquaredScales[g], distances, distances);
        double[] covariance = new double[n * n], slopes = distances, values = new double[distances.Length];
        for (int i = 0, pair = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++, pair++)
            {
                (values[pair], slopes[pair]) = MaternKernel.ValueAndSlope(distances[pair]);
                covariance[i * n + j] = parameters.Signal * values[pair] + GaussianProcessParameters.Mean;
            }
            covariance[i * n + i] = parameters.Signal + GaussianProcessParameters.Mean + GaussianProcessParameters.Rough + parameters.Noise;
        }
        gradient.Clear();
        if (CholeskyFactor.TryFactor(covariance, n) is not { } factor)
            return double.PositiveInfinity;
        double[] weights = [.. _outputs];
        factor.Solve(weights);
        double loss = 0.5 * (TensorPrimitives.Dot<double>(_outputs, weights) + factor.LogDeterminant);

        // dL/dK = ½·(K⁻¹ − w·wᵀ); an off-diagonal pair counts twice.
        double[] inverse = factor.Inverse();
        double bySignal = 0, byNoise = 0;
        for (int i = 0, pair = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++, pair++)
            {
                double by = inverse[i * n + j] - weights[i] * weights[j];
                bySignal += by * values[pair];
                slopes[pair] *= by * parameters.Signal;
            }
            double diagonal = 0.5 * (inverse[i * n + i] - weights[i] * weights[i]);
            bySignal += diagonal;
            byNoise += diagonal;
        }
        for (int g = 0; g < GroupCount; g++)
            gradient[g] = parameters.InverseSquaredScales[g] * TensorPrimitives.Dot<double>(slopes, _squares[g]);
        gradient[GroupCount] = bySignal * parameters.Signal;
        gradient[GroupCount + 1] = byNoise * parameters.Noise;
        return loss + Prior(logs, gradient);
    }

    private double Prior(ReadOnlySpan<double> logs, Span<double> gradient)
    {
        double loss = 0;
        int signal = GroupCount, noise = GroupCount + 1, shrinkage = GroupCount + 2;
        for (int g = 0; g < GroupCount; g++)
        {
            (double value, double slope) = HalfCauchy(logs[g] - logs[shrinkage]);
            loss += value;
            gradient[g] += slope;
            gradient[shrinkage] -= slope;
        }
        (double ofShrinkage, double byShrinkage) = HalfCauchy(logs[shrinkage] - Math.Log(ShrinkageScale));
        loss += ofShrinkage - SignalShape * logs[signal] + SignalRate * Exp(logs[signal]) - NoiseShape * logs[noise] + NoiseRate * Exp(logs[noise]);
        gradient[shrinkage] += byShrinkage;
        gradient[signal] += -SignalShape + SignalRate * Exp(logs[signal]);
        gradient[noise] += -NoiseShape + NoiseRate * Exp(logs[noise]);
        return loss;
    }

    /// <summary>−log of the density of x where e^x is half-Cauchy of scale 1, and its derivative: −x + log(1 + e^2x).</summary>
    private static (double Value, double Slope) HalfCauchy(double x)
    {
        double logistic = 1 / (1 + Exp(-2 * x));
        return (-x + (x > 15 ? 2 * x : Math.Log(1 + Math.Exp(2 * x))), -1 + 2 * logistic);
    }

    private static double Exp(double log) => Math.Exp(Math.Clamp(log, -Bound, Bound));
}
