using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Tries all points of a grid, the last parameter varying fastest, and no others: what earlier searches found is not used.</summary>
public sealed record GridTuner : Tuner
{
    /// <summary>How many values a parameter has at most, evenly spaced on its scale; choices that no order is known of have all.</summary>
    /// <value>5.</value>
    [Range(2, 10, init: 5)]
    public int Levels { get; init; } = 5;

    internal override void Validate() => Require(Levels >= 1, nameof(Levels), Levels, "at least 1");

    internal override ITunerStrategy CreateStrategy(ParameterSpace space) => new GridStrategy(space.GridUnits(Levels));

    /// <summary>Goes through the grid once, past points that are known.</summary>
    private sealed class GridStrategy(IEnumerable<double[]> points) : ITunerStrategy
    {
        private readonly IEnumerator<double[]> _points = points.GetEnumerator();

        public double[]? Next(TunerHistory history)
        {
            while (_points.MoveNext())
                if (!history.Knows(_points.Current))
                    return _points.Current;
            return null;
        }
    }
}
