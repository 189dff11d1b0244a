using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Makes a <see cref="ParameterSpace"/>, one call a parameter, condition or constraint.</summary>
/// <example><code>
/// ParameterSpace space = new ParameterSpaceBuilder()
///     .Real("learningRate", 1e-5, 1e-2, logarithmic: true, initial: 5e-4)
///     .Choice("method", "lora", "prefix-tuning")
///     .Integer("rank", 1, 64, logarithmic: true).When("rank", "method", "lora")
///     .Require("small ranks learn fast only", p => p["method"] is not "lora" || (long)p["rank"] &gt; 2 || (double)p["learningRate"] &gt; 1e-4)
///     .Build();
/// </code></example>
public sealed class ParameterSpaceBuilder
{
    private readonly List<Dimension> _dimensions = [];
    private readonly Dictionary<string, (string Parent, object[] Values)> _conditions = new(StringComparer.Ordinal);
    private readonly List<ParameterConstraint> _constraints = [];

    /// <summary>Adds a real number.</summary>
    /// <param name="name">Its name; dots separate the parts of nested ones.</param>
    /// <param name="min">The lowest value.</param>
    /// <param name="max">The highest value.</param>
    /// <param name="logarithmic">Whether ratios matter rather than differences; <paramref name="min"/> must then be above 0.</param>
    /// <param name="initial">The default; null for the middle.</param>
    /// <exception cref="ArgumentException">The range or default is not valid, or the name is taken.</exception>
    public ParameterSpaceBuilder Real(string name, double min, double max, bool logarithmic = false, double? initial = null) =>
        Add(new RealDimension(Named(name), min, max, logarithmic, initial));

    /// <summary>Adds a whole number.</summary>
    /// <inheritdoc cref="Real"/>
    public ParameterSpaceBuilder Integer(string name, long min, long max, bool logarithmic = false, long? initial = null) =>
        Add(new IntegerDimension(Named(name), min, max, logarithmic, initial));

    /// <summary>Adds a choice of values that no order is known of; the first is the default.</summary>
    /// <param name="name">Its name; dots separate the parts of nested ones.</param>
    /// <param name="values">Numbers, strings, Booleans or values of an enumeration.</param>
    /// <exception cref="ArgumentException">A value is of another kind or there twice, there are none, or the name is taken.</exception>
    public ParameterSpaceBuilder Choice(string name, params object[] values) => Add(new ChoiceDimension(Named(name), Checked(values), ordered: false, initial: null));

    /// <summary>Adds a choice of values of which neighbours are alike, such as sizes; the first is the default.</summary>
    /// <inheritdoc cref="Choice"/>
    public ParameterSpaceBuilder OrderedChoice(string name, params object[] values) => Add(new ChoiceDimension(Named(name), Checked(values), ordered: true, initial: null));

    /// <summary>Adds a switch.</summary>
    /// <param name="name">Its name; dots separate the parts of nested ones.</param>
    /// <param name="initial">The default.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public ParameterSpaceBuilder Boolean(string name, bool initial = false) => Add(new ChoiceDimension(Named(name), [false, true], ordered: true, initial));

    /// <summary>Lets a parameter count only where an earlier one has one of some values, and counts itself.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="parent">The earlier one, a choice, switch or whole number.</param>
    /// <param name="values">Its values.</param>
    public ParameterSpaceBuilder When(string name, string parent, params object[] values)
    {
        _conditions[Named(name)] = (Named(parent), Checked(values));
        return this;
    }

    /// <summary>Leaves out points, for instance those that are known to be too large.</summary>
    /// <param name="description">What is required, in words, for messages.</param>
    /// <param name="allows">Whether a point is left in.</param>
    public ParameterSpaceBuilder Require(string description, Func<IReadOnlyDictionary<string, object>, bool> allows)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(allows);
        _constraints.Add(new ParameterConstraint(description, allows));
        return this;
    }

    /// <summary>Takes a parameter away, for instance one whose default shall stay.</summary>
    /// <exception cref="ArgumentException">There is none of the name.</exception>
    public ParameterSpaceBuilder Remove(string name)
    {
        if (_dimensions.RemoveAll(dimension => dimension.Name == name) == 0)
            throw new ArgumentException($"There is no parameter '{name}'; there are {Known()}.", nameof(name));
        _conditions.Remove(name);
        return this;
    }

    /// <summary>The space.</summary>
    /// <exception cref="ArgumentException">There are no parameters, or a condition names one that is not there, comes later or has no such value.</exception>
    public ParameterSpace Build()
    {
        if (_dimensions.Count == 0)
            throw new ArgumentException("The space has no parameters; expected one at least.");
        foreach (string name in _conditions.Keys)
            if (IndexOf(name) < 0)
                throw new ArgumentException($"A condition is on '{name}'; expected one of {Known()}.");
        return new ParameterSpace([.. _dimensions], [.. _dimensions.Select((dimension, i) => _conditions.TryGetValue(dimension.Name, out var condition) ? Condition(i, condition.Parent, condition.Values) : null)], [.. _constraints]);
    }

    private DimensionCondition Condition(int index, string parent, object[] values)
    {
        string name = _dimensions[index].Name;
        int at = IndexOf(parent);
        if (at < 0 || at >= index)
            throw new ArgumentException($"'{name}' depends on '{parent}'; expected an earlier parameter{(index == 0 ? "" : $": {string.Join(", ", _dimensions.Take(index).Select(dimension => dimension.Name))}")}.");
        Dimension other = _dimensions[at];
        if (other.Count is null)
            throw new ArgumentException($"'{name}' depends on '{parent}', which is a real number; expected a choice, a switch or a whole number.");
        return new DimensionCondition(at, [.. values.Select(value => other.UnitOf(ParameterValues.Normalize(parent, value))
            ?? throw new ArgumentException(FormattableString.Invariant($"'{name}' depends on '{parent}' being {value}; expected {other.Describe()}.")))]);
    }

    internal ParameterSpaceBuilder Add(Dimension dimension)
    {
        if (IndexOf(dimension.Name) >= 0)
            throw new ArgumentException($"There are two parameters '{dimension.Name}'; expected different names.");
        _dimensions.Add(dimension);
        return this;
    }

    /// <summary>Adds the conditions and constraints of a space whose parameters are here under names that begin with <paramref name="prefix"/>. Where none of them counts, the constraints do not either.</summary>
    internal ParameterSpaceBuilder AddRules(ParameterSpace space, string prefix)
    {
        foreach ((int index, DimensionCondition? condition) in space.Conditions.Index())
            if (condition is not null)
            {
                Dimension parent = space.Dimensions[condition.Parent];
                _conditions[prefix + space.Dimensions[index].Name] = (prefix + parent.Name, [.. condition.Levels.Select(parent.ValueAt)]);
            }
        foreach (ParameterConstraint constraint in space.Constraints)
            _constraints.Add(constraint with { Allows = point => Own(point) is var own && (own.Count == 0 || constraint.Allows(own)) });
        return this;

        Dictionary<string, object> Own(IReadOnlyDictionary<string, object> point) => point
            .Where(value => value.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(value => value.Key[prefix.Length..], value => value.Value, StringComparer.Ordinal);
    }

    private int IndexOf(string name) => _dimensions.FindIndex(dimension => dimension.Name == name);

    private string Known() => string.Join(", ", _dimensions.Select(dimension => dimension.Name));

    private static string Named(string name) => string.IsNullOrWhiteSpace(name) ? throw new ArgumentException($"A parameter's name is '{name}'; expected a text.") : name;

    private static object[] Checked(object[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values;
    }
}
