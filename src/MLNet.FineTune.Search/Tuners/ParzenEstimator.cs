using MathNet.Numerics.Distributions;

namespace MLNet.FineTune.Search;

/// <summary>The density of one parameter's values in some trials, as adaptive Parzen estimators have it (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization").</summary>
internal abstract class ParzenEstimator
{
    /// <param name="dimension">The parameter.</param>
    /// <param name="values">Coordinates.</param>
    /// <param name="weights">How much each counts; a prior counts as 1 besides.</param>
    public static ParzenEstimator Create(Dimension dimension, double[] values, double[] weights) =>
        dimension.Ordered && dimension.Count is not <= 2 ? new Continuous(dimension, values, weights) : new Categorical(dimension, values, weights);

    /// <summary>A coordinate of the parameter.</summary>
    public abstract double Sample(Random random);

    /// <summary>The density at a coordinate, or the probability of a choice.</summary>
    public abstract double Density(double unit);

    /// <summary>The index of a weight with the probability that the weights give it.</summary>
    private static int Index(double[] weights, Random random)
    {
        double rest = random.NextDouble() * weights.Sum();
        for (int i = 0; i < weights.Length - 1; i++)
            if ((rest -= weights[i]) < 0)
                return i;
        return weights.Length - 1;
    }

    /// <summary>Truncated normal distributions around the values, each as wide as the farther of its neighbours is away, and a wide one in the middle.</summary>
    private sealed class Continuous : ParzenEstimator
    {
        private readonly Dimension _dimension;
        private readonly double[] _means, _widths, _weights, _masses;

        public Continuous(Dimension dimension, double[] values, double[] weights)
        {
            _dimension = dimension;
            double[] means = [.. values, 0.5];
            double[] all = [.. weights, 1];
            int[] order = [.. Enumerable.Range(0, means.Length).OrderBy(i => means[i])];
            _means = [.. order.Select(i => means[i])];
            double sum = all.Sum();
            _weights = [.. order.Select(i => all[i] / sum)];
            double narrowest = 1.0 / Math.Min(100, _means.Length + 1);
            _widths = [.. _means.Select((mean, i) => order[i] == values.Length ? 1 : Math.Clamp(
                Math.Max(mean - (i == 0 ? 0 : _means[i - 1]), (i == _means.Length - 1 ? 1 : _means[i + 1]) - mean), narrowest, 1))];
            _masses = [.. _means.Select((mean, i) => Normal.CDF(mean, _widths[i], 1) - Normal.CDF(mean, _widths[i], 0))];
        }

        public override double Sample(Random random)
        {
            int i = Index(_weights, random);
            double uniform = Normal.CDF(_means[i], _widths[i], 0) + random.NextDouble() * _masses[i];
            return _dimension.Snap(Normal.InvCDF(_means[i], _widths[i], uniform));
        }

        public override double Density(double unit)
        {
            double density = 0;
            for (int i = 0; i < _means.Length; i++)
                density += _weights[i] * Normal.PDF(_means[i], _widths[i], unit) / _masses[i];
            return density;
        }
    }

    private sealed class Categorical : ParzenEstimator
    {
        private readonly Dimension _dimension;
        private readonly double[] _probabilities;

        public Categorical(Dimension dimension, double[] values, double[] weights)
        {
            _dimension = dimension;
            var counts = new double[dimension.Count!.Value];
            Array.Fill(counts, 1.0 / counts.Length);
            for (int i = 0; i < values.Length; i++)
                counts[dimension.LevelOf(values[i])] += weights[i];
            double sum = counts.Sum();
            _probabilities = [.. counts.Select(count => count / sum)];
        }

        public override double Sample(Random random) => _dimension.UnitOfLevel(Index(_probabilities, random));

        public override double Density(double unit) => _probabilities[_dimension.LevelOf(unit)];
    }
}
