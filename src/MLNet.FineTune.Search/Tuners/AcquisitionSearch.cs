namespace MLNet.FineTune.Search;

/// <summary>
/// Looks for the point of highest score: among random ones and changed good ones first, then from the best of these uphill over points that differ in one
/// parameter, and at last, where parameters are numbers, by random steps that shrink.
/// </summary>
internal sealed class AcquisitionSearch(TunerHistory history, SpaceEncoding encoding, Func<double[], double> score, Random random)
{
    private const int RandomPoints = 500, ChangedPoints = 500, Climbs = 6, Rounds = 12, NeighboursPerRound = 80, Steps = 60;

    private readonly Dictionary<string, double> _scores = new(StringComparer.Ordinal);

    private ParameterSpace Space => history.Space;

    /// <summary>The best new point found; null where none was.</summary>
    /// <param name="good">Points to look around.</param>
    public double[]? Best(IReadOnlyList<double[]> good)
    {
        var pool = new List<(double[] Units, double Score)>();
        for (int i = 0; i < RandomPoints; i++)
            Add(Space.SampleUnits(random));
        for (int i = 0; i < ChangedPoints; i++)
            Add(Changed(good[random.Next(good.Count)]));
        return pool.OrderByDescending(point => point.Score).Take(Climbs).Select(point => Polish(Climb(point)))
            .Select(point => ((double[] Units, double Score)?)point).MaxBy(point => point!.Value.Score)?.Units;

        void Add(double[] units)
        {
            if (Try(units) is { } value)
                pool.Add((units, value));
        }
    }

    /// <summary>The score of a point; null where it is known, forbidden, or was scored before.</summary>
    private double? Try(double[] units)
    {
        string key = Space.Key(units);
        if (_scores.ContainsKey(key) || history.Knows(units) || !Space.Allows(units))
            return null;
        return _scores[key] = score(encoding.Encode(units));
    }

    private (double[] Units, double Score) Climb((double[] Units, double Score) from)
    {
        for (int round = 0; round < Rounds; round++)
        {
            double[][] neighbours = [.. Space.NeighbourUnits(from.Units)];
            random.Shuffle(neighbours);
            (double[] Units, double Score) best = from;
            foreach (double[] neighbour in neighbours.Take(NeighboursPerRound))
                if (Try(neighbour) is { } value && value > best.Score)
                    best = (neighbour, value);
            if (best.Score <= from.Score)
                break;
            from = best;
        }
        return from;
    }

    private (double[] Units, double Score) Polish((double[] Units, double Score) from)
    {
        int[] numbers = [.. Enumerable.Range(0, from.Units.Length).Where(i => Space.Dimensions[i].Count is null or > 100 && Space.IsActive(i, from.Units))];
        double step = 0.05;
        for (int i = 0; i < Steps && numbers.Length > 0; i++)
        {
            double[] moved = [.. from.Units];
            foreach (int index in numbers)
                if (random.NextDouble() < Math.Max(0.3, 1.5 / numbers.Length))
                    moved[index] = Math.Clamp(moved[index] + step * Gaussian(), 0, 1);
            moved = Space.Snap(moved);
            bool better = Try(moved) is { } value && value > from.Score;
            if (better)
                from = (moved, _scores[Space.Key(moved)]);
            step = Math.Clamp(step * (better ? 1.5 : 0.9), 1e-4, 0.3);
        }
        return from;
    }

    /// <summary>A good point with some parameters changed, by little or much.</summary>
    private double[] Changed(double[] good)
    {
        double[] units = [.. good];
        double share = random.NextDouble() < 0.5 ? 1.0 / units.Length : 3.0 / units.Length;
        double width = Math.Pow(10, -2 * random.NextDouble()) * 0.5;
        int certain = random.Next(units.Length);
        for (int i = 0; i < units.Length; i++)
            if (i == certain || random.NextDouble() < share)
                units[i] = Space.Dimensions[i] is { Ordered: true, Count: null or > 2 } && random.NextDouble() < 0.8
                    ? Math.Clamp(units[i] + width * Gaussian(), 0, 1)
                    : Space.Dimensions[i].FromUniform(random.NextDouble());
        return Space.Snap(units);
    }

    private double Gaussian() => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1);
}
