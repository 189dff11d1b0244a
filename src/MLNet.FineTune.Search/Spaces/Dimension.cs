namespace MLNet.FineTune.Search;

/// <summary>
/// One parameter of a space. Its values have coordinates from 0 to 1, between which a model may interpolate; parameters of choice and whole
/// numbers have levels, counted from 0.
/// </summary>
internal abstract class Dimension(string name)
{
    /// <summary>The parameter's name; parts of nested ones are separated by dots.</summary>
    public string Name { get; } = name;

    /// <summary>The number of values; null where there is a continuum.</summary>
    public abstract long? Count { get; }

    /// <summary>Whether near coordinates mean similar values.</summary>
    public virtual bool Ordered => true;

    /// <summary>Whether ratios matter rather than differences.</summary>
    public virtual bool Logarithmic => false;

    /// <summary>The coordinate of the default.</summary>
    public double Default { get; protected init; }

    /// <summary>The value at a coordinate, or of the nearest one that is: a double, long, bool or string.</summary>
    public abstract object ValueAt(double unit);

    /// <summary>The coordinate of a value; null where it is none of the parameter's.</summary>
    public abstract double? UnitOf(object value);

    /// <summary>The coordinate of a value in even distribution, for a random number from 0 to below 1.</summary>
    public abstract double FromUniform(double uniform);

    /// <summary>The nearest coordinate of a value.</summary>
    public abstract double Snap(double unit);

    /// <summary>The coordinate of a level.</summary>
    public abstract double UnitOfLevel(long level);

    /// <summary>The level nearest to a coordinate.</summary>
    public abstract long LevelOf(double unit);

    /// <summary>What the values are, for messages.</summary>
    public abstract string Describe();

    /// <summary>Coordinates of all values where they are at most <paramref name="most"/>, else of so many from end to end.</summary>
    public IEnumerable<double> Spread(int most)
    {
        if (Count <= most)
            return Enumerable.Range(0, (int)Count).Select(level => UnitOfLevel(level));
        return Enumerable.Range(0, most).Select(i => Snap(most == 1 ? Default : (double)i / (most - 1))).Distinct();
    }
}
