using System.Globalization;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// What a search may vary: real and whole numbers, choices and switches, some of which count only where another has a certain value, and
/// what they must be like together. A point is a dictionary of values by name, of types double, long, bool and string; parameters that do
/// not count are not in it.
/// </summary>
/// <remarks>Made by <see cref="ParameterSpaceBuilder"/>, or by <see cref="Of{TOptions}"/> from the attributes of an options type.</remarks>
public class ParameterSpace
{
    private const int MaxDraws = 10_000;

    private readonly Dimension[] _dimensions;
    private readonly DimensionCondition?[] _conditions;
    private readonly ParameterConstraint[] _constraints;
    private readonly Dictionary<string, int> _indices;

    private protected ParameterSpace(ParameterSpace other) : this(other._dimensions, other._conditions, other._constraints)
    {
    }

    internal ParameterSpace(Dimension[] dimensions, DimensionCondition?[] conditions, ParameterConstraint[] constraints)
    {
        (_dimensions, _conditions, _constraints) = (dimensions, conditions, constraints);
        _indices = dimensions.Index().ToDictionary(item => item.Item.Name, item => item.Index, StringComparer.Ordinal);
    }

    /// <summary>The parameters' names.</summary>
    public IReadOnlyList<string> Names => [.. _dimensions.Select(dimension => dimension.Name)];

    /// <summary>The point of all defaults. It may fail a constraint.</summary>
    public IReadOnlyDictionary<string, object> Default => ToParameters(DefaultUnits);

    /// <summary>How many points there are, constraints aside; <see cref="double.PositiveInfinity"/> where a parameter is real.</summary>
    public double PointCount => CountFrom(0, DefaultUnits);

    /// <summary>The space of an options type: its properties marked with ML.NET's <c>[Range]</c>, <c>[Choice]</c> and <c>[BooleanChoice]</c>, and those of options within it marked with <c>[NestOption]</c>, by dotted names. Of a <see cref="PeftMethod"/>, options that exclude each other are in no point together.</summary>
    /// <typeparam name="TOptions">The options; a type with a constructor without parameters.</typeparam>
    /// <param name="refine">Adds to the space: parameters, conditions, constraints; or takes parameters away.</param>
    /// <exception cref="ArgumentException">The type has no such property, or a range or choice is not valid.</exception>
    public static ParameterSpace<TOptions> Of<TOptions>(Action<ParameterSpaceBuilder>? refine = null) where TOptions : class, new()
    {
        var builder = new ParameterSpaceBuilder();
        OptionsReflection.Describe(typeof(TOptions), builder);
        refine?.Invoke(builder);
        if (typeof(TOptions).IsAssignableTo(typeof(PeftMethod)))
            builder.Require($"the options of {typeof(TOptions).Name} fit together", point => OptionsReflection.Create(typeof(TOptions), new TOptions(), point) is PeftMethod { IsValid: true });
        return new ParameterSpace<TOptions>(builder.Build());
    }

    /// <summary>A random point that meets the constraints; numbers are drawn evenly on their scale.</summary>
    /// <exception cref="InvalidOperationException">None of 10,000 points drawn met the constraints.</exception>
    public IReadOnlyDictionary<string, object> Sample(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return ToParameters(SampleUnits(random));
    }

    /// <summary>All points that meet the constraints, where long ranges and real numbers have so many values, evenly spaced on their scale.</summary>
    /// <param name="levels">The number of values a parameter has at most; choices that no order is known of have all.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no levels.</exception>
    public IEnumerable<IReadOnlyDictionary<string, object>> Grid(int levels) => GridUnits(levels).Select(ToParameters);

    /// <summary>Whether a point is one of the space's: every parameter that counts has one of its values, and the constraints are met.</summary>
    public bool Contains(IReadOnlyDictionary<string, object> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return TryUnits(parameters, out _) is { } units && Allows(units);
    }

    /// <summary>The points that differ in one parameter that counts.</summary>
    /// <exception cref="ArgumentException">The point is none of the space's.</exception>
    public IEnumerable<IReadOnlyDictionary<string, object>> Neighbours(IReadOnlyDictionary<string, object> parameters) =>
        NeighbourUnits(ToUnits(parameters)).Select(ToParameters);

    internal IReadOnlyList<Dimension> Dimensions => _dimensions;

    /// <summary>What each parameter depends on; null where it counts always.</summary>
    internal IReadOnlyList<DimensionCondition?> Conditions => _conditions;

    internal IReadOnlyList<ParameterConstraint> Constraints => _constraints;

    /// <summary>What joining searches compare.</summary>
    internal string Description => string.Join("; ", _dimensions.Select(dimension => $"{dimension.Name}: {dimension.Describe()}"));

    internal double[] DefaultUnits => Snap([.. _dimensions.Select(dimension => dimension.Default)]);

    /// <summary>Whether the parameter depends on another.</summary>
    internal bool IsConditional(int index) => _conditions[index] is not null;

    /// <summary>Whether a parameter counts at a point, which those above it decide.</summary>
    internal bool IsActive(int index, ReadOnlySpan<double> units)
    {
        while (_conditions[index] is { } condition)
        {
            if (Array.IndexOf(condition.Levels, units[condition.Parent]) < 0)
                return false;
            index = condition.Parent;
        }
        return true;
    }

    /// <summary>The nearest point: coordinates of values, and the default's for parameters that do not count.</summary>
    internal double[] Snap(double[] units)
    {
        var snapped = new double[units.Length];
        for (int i = 0; i < units.Length; i++)
            snapped[i] = _dimensions[i].Snap(units[i]);
        for (int i = 0; i < units.Length; i++)
            if (!IsActive(i, snapped))
                snapped[i] = _dimensions[i].Snap(_dimensions[i].Default);
        return snapped;
    }

    internal bool Allows(double[] units)
    {
        if (_constraints.Length == 0)
            return true;
        IReadOnlyDictionary<string, object> parameters = ToParameters(units);
        return Array.TrueForAll(_constraints, constraint => constraint.Allows(parameters));
    }

    internal IReadOnlyDictionary<string, object> ToParameters(double[] units)
    {
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        for (int i = 0; i < units.Length; i++)
            if (IsActive(i, units))
                parameters[_dimensions[i].Name] = _dimensions[i].ValueAt(units[i]);
        return parameters;
    }

    /// <exception cref="ArgumentException">The point is none of the space's; names the parameter, what was found and what is expected.</exception>
    internal double[] ToUnits(IReadOnlyDictionary<string, object> parameters) =>
        TryUnits(parameters, out string problem) ?? throw new ArgumentException(problem, nameof(parameters));

    /// <summary>Null where the point is none of the space's.</summary>
    internal double[]? TryUnits(IReadOnlyDictionary<string, object> parameters, out string problem)
    {
        problem = "";
        double[] units = [.. _dimensions.Select(dimension => dimension.Snap(dimension.Default))];
        for (int i = 0; i < units.Length; i++)
        {
            if (!IsActive(i, units))
                continue;
            string name = _dimensions[i].Name;
            if (!parameters.TryGetValue(name, out object? value))
                problem = $"'{name}' is missing; expected {_dimensions[i].Describe()}.";
            else if (_dimensions[i].UnitOf(ParameterValues.Normalize(name, value)) is { } unit)
                units[i] = unit;
            else
                problem = FormattableString.Invariant($"'{name}' is {value}; expected {_dimensions[i].Describe()}.");
            if (problem.Length > 0)
                return null;
        }
        return units;
    }

    /// <summary>A text that only equal points share.</summary>
    internal string Key(double[] units) => string.Join(';', _dimensions.Select((dimension, i) =>
        !IsActive(i, units) ? "" : dimension.Count is null ? units[i].ToString("G12", CultureInfo.InvariantCulture) : dimension.LevelOf(units[i]).ToString(CultureInfo.InvariantCulture)));

    internal double[] SampleUnits(Random random) => FirstAllowed(() => [.. _dimensions.Select(dimension => dimension.FromUniform(random.NextDouble()))]);

    /// <summary>The first point of a stream of coordinates that meets the constraints.</summary>
    /// <exception cref="InvalidOperationException">None of many does.</exception>
    internal double[] FirstAllowed(Func<double[]> draw)
    {
        for (int i = 0; i < MaxDraws; i++)
        {
            double[] units = Snap(draw());
            if (Allows(units))
                return units;
        }
        throw new InvalidOperationException($"None of {MaxDraws} points met the constraints: {string.Join("; ", _constraints.Select(constraint => constraint.Description))}.");
    }

    internal IEnumerable<double[]> GridUnits(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 1);
        return GridFrom(0, DefaultUnits, levels).Where(Allows);
    }

    /// <summary>
    /// Points with one parameter changed: to each other level where they are few or without order, else by a fifth, a twentieth and a hundredth
    /// of the range both ways, and a level at least. Those that a constraint forbids are left out.
    /// </summary>
    internal IEnumerable<double[]> NeighbourUnits(double[] units)
    {
        for (int i = 0; i < units.Length; i++)
        {
            if (!IsActive(i, units))
                continue;
            foreach (double other in Others(_dimensions[i], units[i]))
            {
                double[] changed = [.. units];
                changed[i] = other;
                changed = Snap(changed);
                if (Allows(changed))
                    yield return changed;
            }
        }
    }

    private const int FewLevels = 12;
    private static readonly double[] Shifts = [0.2, 0.05, 0.01];

    private static IEnumerable<double> Others(Dimension dimension, double unit)
    {
        if (dimension.Count is not { } count)
            return Shifts.SelectMany(shift => new[] { unit - shift, unit + shift }).Select(dimension.Snap).Where(other => other != unit).Distinct();
        long level = dimension.LevelOf(unit);
        IEnumerable<long> levels = !dimension.Ordered || count <= FewLevels
            ? Enumerable.Range(0, (int)count).Select(other => (long)other)
            : Shifts.SelectMany(shift => new[] { Math.Min(dimension.LevelOf(unit - shift), level - 1), Math.Max(dimension.LevelOf(unit + shift), level + 1) });
        return levels.Where(other => other != level && other >= 0 && other < count).Distinct().Select(dimension.UnitOfLevel);
    }

    private IEnumerable<double[]> GridFrom(int index, double[] units, int levels)
    {
        if (index == units.Length)
        {
            yield return [.. units];
            yield break;
        }
        Dimension dimension = _dimensions[index];
        double original = units[index];
        IEnumerable<double> values = !IsActive(index, units) ? [dimension.Snap(dimension.Default)] : dimension.Spread(dimension.Ordered ? levels : int.MaxValue);
        foreach (double value in values)
        {
            units[index] = value;
            foreach (double[] point in GridFrom(index + 1, units, levels))
                yield return point;
        }
        units[index] = original;
    }

    /// <summary>Only parameters that others depend on are enumerated; the rest multiply.</summary>
    private double CountFrom(int index, double[] units)
    {
        if (index == units.Length)
            return 1;
        if (!IsActive(index, units))
            return CountFrom(index + 1, units);
        Dimension dimension = _dimensions[index];
        if (dimension.Count is not { } count)
            return double.PositiveInfinity;
        if (!Array.Exists(_conditions, condition => condition?.Parent == index))
            return count * CountFrom(index + 1, units);
        double sum = 0, original = units[index];
        for (long level = 0; level < count; level++)
        {
            units[index] = dimension.UnitOfLevel(level);
            sum += CountFrom(index + 1, units);
        }
        units[index] = original;
        return sum;
    }
}
