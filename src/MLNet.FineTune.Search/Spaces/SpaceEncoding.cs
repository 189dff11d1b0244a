namespace MLNet.FineTune.Search;

/// <summary>
/// Points as vectors for a model: a coordinate for each ordered parameter; for a choice without order a one-hot vector, scaled so that any
/// two values are at distance 1; and for a parameter that counts sometimes a flag besides, and the default where it does not count.
/// </summary>
internal sealed class SpaceEncoding
{
    private static readonly double OneHot = Math.Sqrt(0.5);

    private readonly ParameterSpace _space;
    private readonly int[] _offsets;

    public SpaceEncoding(ParameterSpace space)
    {
        _space = space;
        _offsets = new int[space.Dimensions.Count];
        var groups = new List<int>();
        int group = 0;
        for (int i = 0; i < _offsets.Length; i++, group++)
        {
            _offsets[i] = groups.Count;
            groups.AddRange(Enumerable.Repeat(group, Width(space.Dimensions[i])));
            if (space.IsConditional(i))
                groups.Add(++group);
        }
        (Groups, GroupCount) = ([.. groups], group);
    }

    /// <summary>The group of each feature; a group has one length scale.</summary>
    public int[] Groups { get; }

    public int GroupCount { get; }

    /// <summary>The number of features.</summary>
    public int Length => Groups.Length;

    public double[] Encode(double[] units)
    {
        var features = new double[Length];
        for (int i = 0; i < units.Length; i++)
        {
            Dimension dimension = _space.Dimensions[i];
            if (dimension.Ordered)
                features[_offsets[i]] = units[i];
            else
                features[_offsets[i] + (int)dimension.LevelOf(units[i])] = OneHot;
            if (_space.IsConditional(i))
                features[_offsets[i] + Width(dimension)] = _space.IsActive(i, units) ? 1 : 0;
        }
        return features;
    }

    /// <summary>The point nearest to a vector, one parameter after the other.</summary>
    public double[] Decode(double[] features)
    {
        double[] units = new double[_offsets.Length];
        for (int i = 0; i < units.Length; i++)
        {
            Dimension dimension = _space.Dimensions[i];
            int offset = _offsets[i];
            units[i] = dimension.Ordered
                ? features[offset]
                : dimension.UnitOfLevel(Enumerable.Range(0, Width(dimension)).MaxBy(level => features[offset + level]));
        }
        return _space.Snap(units);
    }

    private static int Width(Dimension dimension) => dimension.Ordered ? 1 : (int)dimension.Count!.Value;
}
