using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>The points that a search begins with: the default, those that earlier searches suggest, up to half of them, then random or quasi-random ones.</summary>
internal sealed class InitialDesign(int size, bool withDefault, bool quasiRandom)
{
    private SobolSequence? _sequence;

    /// <summary>The next point; null where as many have been tried as the design has, or none is left.</summary>
    public double[]? Next(TunerHistory history)
    {
        if (history.Count >= size)
            return null;
        IEnumerable<double[]> first = history.Suggestions.Take(Math.Max(1, size / 2));
        if (withDefault)
            first = first.Prepend(history.Space.DefaultUnits);
        if (first.FirstOrDefault(units => !history.Knows(units) && history.Space.Allows(units)) is { } known)
            return known;
        return Further(history);
    }

    /// <summary>A random or quasi-random point, whatever the size.</summary>
    public double[]? Further(TunerHistory history)
    {
        Random random = history.Random();
        if (!quasiRandom)
            return history.NewAtRandom(random);
        IReadOnlyList<Dimension> dimensions = history.Space.Dimensions;
        _sequence ??= new SobolSequence(dimensions.Count, SeededRandom.Create(history.Seed, -1));
        int index = history.Count;
        return history.FirstNew(() => [.. _sequence.Point(index++).Select((uniform, i) => dimensions[i].FromUniform(uniform))], random);
    }
}
