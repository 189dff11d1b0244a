using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>The space of an options type, whose points are made options objects again.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
public sealed class ParameterSpace<TOptions> : ParameterSpace where TOptions : class, new()
{
    internal ParameterSpace(ParameterSpace space) : base(space)
    {
    }

    /// <summary>Options with the values of a point; parameters that are no properties, added to the space by hand, are left to the caller.</summary>
    /// <param name="parameters">The point, or part of one: what it does not name stays as it is.</param>
    /// <param name="template">Gives all other values, and is not changed; null for the type's defaults.</param>
    /// <exception cref="ArgumentException">A value is none of its parameter's; names it, what was found and what is expected.</exception>
    public TOptions Create(IReadOnlyDictionary<string, object> parameters, TOptions? template = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (Dimension dimension in Dimensions)
            if (parameters.TryGetValue(dimension.Name, out object? value))
                values[dimension.Name] = dimension.UnitOf(ParameterValues.Normalize(dimension.Name, value)) is not null
                    ? ParameterValues.Normalize(dimension.Name, value)
                    : throw new ArgumentException(FormattableString.Invariant($"'{dimension.Name}' is {value}; expected {dimension.Describe()}."), nameof(parameters));
        return (TOptions)OptionsReflection.Create(typeof(TOptions), template ?? new TOptions(), values);
    }
}
