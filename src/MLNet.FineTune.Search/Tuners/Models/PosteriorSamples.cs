using System.Numerics.Tensors;

namespace MLNet.FineTune.Search;

/// <summary>
/// Functions drawn from a Gaussian process given noisy observations: their values at the points tried, and, given those, their distribution
/// anywhere else. The covariance at the points tried is factored once, so that a further point costs a solve and a product.
/// </summary>
internal sealed class PosteriorSamples
{
    private readonly GaussianProcessParameters _parameters;
    private readonly int[] _groups;
    private readonly double[][] _columns; // [features][points]: inputs over length scales
    private readonly double[] _scales; // of each feature: 1 / length scale
    private readonly CholeskyFactor _prior; // of the function's covariance at the points
    private readonly double[][] _weights; // [samples][points]: that covariance's inverse times the values
    private readonly double[] _row;

    /// <param name="parameters">The process.</param>
    /// <param name="groups">The group of each feature.</param>
    /// <param name="inputs">Features of the points tried: the observed ones, then those that are running.</param>
    /// <param name="outputs">The observations.</param>
    /// <param name="normals">Standard normal numbers, [samples][points].</param>
    public PosteriorSamples(GaussianProcessParameters parameters, int[] groups, double[][] inputs, double[] outputs, double[][] normals)
    {
        (_parameters, _groups) = (parameters, groups);
        int n = inputs.Length, observed = outputs.Length;
        _scales = [.. groups.Select(group => Math.Sqrt(parameters.InverseSquaredScales[group]))];
        _columns = [.. Enumerable.Range(0, groups.Length).Select(feature => inputs.Select(input => input[feature] * _scales[feature]).ToArray())];
        _row = new double[n];

        double[] covariance = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            Covariances(inputs[i], covariance.AsSpan(i * n, n));
            covariance[i * n + i] += GaussianProcessParameters.Rough;
        }

        // What is known of the values at the points: mean and covariance given the observations.
        var noisy = new double[observed * observed];
        for (int i = 0; i < observed; i++)
        {
            covariance.AsSpan(i * n, observed).CopyTo(noisy.AsSpan(i * observed));
            noisy[i * observed + i] += parameters.Noise;
        }
        CholeskyFactor seen = CholeskyFactor.Factor(noisy, observed);
        double[] solved = [.. outputs];
        seen.Solve(solved);
        Means = [.. Enumerable.Range(0, n).Select(i => TensorPrimitives.Dot(covariance.AsSpan(i * n, observed), solved))];
        double[][] explained = [.. Enumerable.Range(0, n).Select(i => covariance.AsSpan(i * n, observed).ToArray())];
        foreach (double[] row in explained)
            seen.SolveLower(row);
        var remaining = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
                remaining[i * n + j] = covariance[i * n + j] - TensorPrimitives.Dot<double>(explained[i], explained[j]);
        CholeskyFactor spread = CholeskyFactor.Factor(remaining, n);
        Values = [.. normals.Select(z => spread.Multiply(z))];
        foreach (double[] values in Values)
            TensorPrimitives.Add(values, Means, values);

        _prior = CholeskyFactor.Factor(covariance, n);
        _weights = [.. Values.Select(values => values.ToArray())];
        foreach (double[] weights in _weights)
            _prior.Solve(weights);
    }

    /// <summary>The expected values at the points.</summary>
    public double[] Means { get; }

    /// <summary>The values of each sample at the points.</summary>
    public double[][] Values { get; }

    /// <summary>The values of each sample at a further point.</summary>
    /// <param name="input">Its features.</param>
    /// <param name="normals">A standard normal number for each sample.</param>
    /// <param name="values">Is filled.</param>
    public void At(double[] input, double[] normals, Span<double> values)
    {
        Covariances(input, _row);
        for (int s = 0; s < values.Length; s++)
            values[s] = TensorPrimitives.Dot<double>(_row, _weights[s]);
        _prior.SolveLower(_row);
        double variance = _parameters.Signal + GaussianProcessParameters.Mean - TensorPrimitives.SumOfSquares<double>(_row);
        TensorPrimitives.MultiplyAdd(normals.AsSpan(0, values.Length), Math.Sqrt(Math.Max(variance, 1e-12)), values, values);
    }

    /// <summary>The covariances of a point with those tried.</summary>
    private void Covariances(double[] input, Span<double> row)
    {
        row.Clear();
        for (int feature = 0; feature < _groups.Length; feature++)
        {
            double at = input[feature] * _scales[feature];
            double[] column = _columns[feature];
            for (int i = 0; i < column.Length; i++)
            {
                double difference = column[i] - at;
                row[i] += difference * difference;
            }
        }
        for (int i = 0; i < row.Length; i++)
            row[i] = _parameters.Signal * MaternKernel.Value(row[i]) + GaussianProcessParameters.Mean;
    }
}
