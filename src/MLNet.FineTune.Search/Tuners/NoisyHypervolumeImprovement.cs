using MathNet.Numerics.Distributions;

namespace MLNet.FineTune.Search;

/// <summary>
/// Noisy expected hypervolume improvement (Daulton, Balandat and Bakshy 2021, "Parallel Bayesian Optimization of Multiple Noisy Objectives with Expected
/// Hypervolume Improvement", arXiv 2105.08195): the mean, over functions drawn from the models, of what a point adds to the volume that the
/// points tried so far, at the functions' own values, dominate. Points that are running are among them, so that batches are chosen one by one.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class NoisyHypervolumeImprovement
{
    /// <summary>
    /// How far below the lowest value of the front a drawn value counts, as a share of the distance to the reference. Without it, the ends of a front
    /// are never certain enough, and points in corners promise a little of one objective times all of the others.
    /// </summary>
    private const double BelowFront = 0.05;

    private readonly PosteriorSamples[] _objectives;
    private readonly OutputTransform[] _outputs;
    private readonly NondominatedBoxes[] _boxes; // of each sample
    private readonly double[][] _floors; // [samples][objectives]
    private readonly double[][] _normals, _values; // [objectives][samples]
    private readonly double[] _reference;

    /// <param name="models">A process for each objective.</param>
    /// <param name="groups">The group of each feature.</param>
    /// <param name="inputs">Features of the points tried: those of the outputs, then those that are running.</param>
    /// <param name="outputs">What was measured, for each objective, of the first points: of some objectives of more of them than of others.</param>
    /// <param name="share">Where the reference point is, between the best (0) and the worst values (1) seen.</param>
    /// <param name="samples">How many functions are drawn; a power of 2.</param>
    /// <param name="random">Draws them.</param>
    public NoisyHypervolumeImprovement(GaussianProcessParameters[] models, int[] groups, double[][] inputs, OutputTransform[] outputs, double share, int samples, Random random)
    {
        _outputs = outputs;
        int objectives = models.Length, n = inputs.Length;
        var sequence = new SobolSequence(objectives * (1 + n), random, samples);
        double[][] normals = [.. Enumerable.Range(0, samples).Select(s => sequence.Point(s).Select(uniform => Normal.InvCDF(0, 1, uniform)).ToArray())];
        _normals = [.. Enumerable.Range(0, objectives).Select(k => normals.Select(point => point[k]).ToArray())];
        _values = [.. Enumerable.Range(0, objectives).Select(_ => new double[samples])];
        _objectives = [.. models.Select((model, k) => new PosteriorSamples(model, groups, inputs, outputs[k].Values,
            [.. normals.Select(point => point[(objectives + k * n)..(objectives + (k + 1) * n)])]))];
        _reference = Reference([.. Enumerable.Range(0, outputs.Min(output => output.Values.Length)).Select(i => Point(k => _objectives[k].Means[i]))], share);
        _boxes = [.. Enumerable.Range(0, samples).Select(s => new NondominatedBoxes([.. Enumerable.Range(0, n).Select(i => Point(k => _objectives[k].Values[s][i]))], _reference))];
        _floors = [.. _boxes.Select(boxes => _reference.Select((worst, k) => boxes.Front.Length == 0 ? double.NegativeInfinity
            : boxes.Front.Min(point => point[k]) is var best ? best - BelowFront * (worst - best) : 0).ToArray())];
    }

    /// <summary>The expected improvement; where no sample improves, how far they are from it, as a number below zero.</summary>
    public double Score(double[] input)
    {
        for (int k = 0; k < _objectives.Length; k++)
        {
            _objectives[k].At(input, _normals[k], _values[k]);
            for (int s = 0; s < _boxes.Length; s++)
                _values[k][s] = Math.Max(_outputs[k].Inverse(_values[k][s]), _floors[s][k]);
        }
        double improvement = 0, shift = 0;
        Span<double> point = stackalloc double[_objectives.Length];
        for (int s = 0; s < _boxes.Length; s++)
        {
            for (int k = 0; k < point.Length; k++)
                point[k] = _values[k][s];
            double gain = _boxes[s].Improvement(point);
            improvement += gain;
            if (improvement == 0)
                shift += _boxes[s].Shift(point, _reference);
        }
        return (improvement > 0 ? improvement : Math.Min(0, shift)) / _boxes.Length;
    }

    private double[] Point(Func<int, double> value) => [.. _objectives.Select((_, k) => _outputs[k].Inverse(value(k)))];

    /// <summary>A tenth of the share of the range beyond it.</summary>
    private static double[] Reference(double[][] points, double share) => [.. points[0].Select((_, k) =>
    {
        double best = points.Min(point => point[k]), worst = points.Max(point => point[k]);
        return best + Math.Max(1.1 * share * (worst - best), 1e-9);
    })];
}
