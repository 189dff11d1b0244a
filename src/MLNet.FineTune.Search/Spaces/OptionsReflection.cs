using System.Globalization;
using System.Reflection;
using Microsoft.ML.SearchSpace;
using ChoiceAttribute = Microsoft.ML.SearchSpace.ChoiceAttribute;
using RangeAttribute = Microsoft.ML.SearchSpace.RangeAttribute;

namespace MLNet.FineTune.Search;

/// <summary>Options types and spaces: which properties may vary, by ML.NET's attributes, and objects with given values.</summary>
internal static class OptionsReflection
{
    private static readonly MethodInfo Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>Adds the parameters of a type.</summary>
    /// <exception cref="ArgumentException">No property is marked, or a mark does not fit its property.</exception>
    public static void Describe(Type type, ParameterSpaceBuilder builder)
    {
        if (!Describe(type, Activator.CreateInstance(type)!, "", builder))
            throw new ArgumentException($"{type.Name} has no property marked with [Range], [Choice], [BooleanChoice] or [NestOption]; expected one at least.");
    }

    /// <summary>A copy of <paramref name="template"/> with some values.</summary>
    /// <param name="type">The type.</param>
    /// <param name="template">Gives all other values, and is not changed.</param>
    /// <param name="values">Values by dotted name, of the exchanged kinds; names that are no properties are left.</param>
    public static object Create(Type type, object template, IReadOnlyDictionary<string, object> values) => Create(type, template, "", values);

    /// <summary>Adds the parameters of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="defaults">Gives defaults that the attributes do not.</param>
    /// <param name="prefix">Precedes the names.</param>
    /// <param name="builder">What they are added to.</param>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="ArgumentException">A mark does not fit its property.</exception>
    public static bool Describe(Type type, object defaults, string prefix, ParameterSpaceBuilder builder)
    {
        bool any = false;
        foreach (OptionsMember member in OptionsMember.Of(type))
        {
            string name = prefix + member.Name;
            if (member.Nested)
                any |= Describe(member.Type, member.Get(defaults) ?? Activator.CreateInstance(member.Type)!, name + ".", builder);
            else if (Dimension(member, name, defaults) is { } dimension)
            {
                builder.Add(dimension);
                any = true;
            }
        }
        return any;
    }

    private static Dimension? Dimension(OptionsMember member, string name, object defaults)
    {
        object? current = member.Get(defaults);
        if (member.Find<RangeAttribute>() is { } range)
            return range.Min is int
                ? new IntegerDimension(name, (int)range.Min, (int)range.Max, range.LogBase, (long?)Initial(range.Init ?? InRange(range, current)))
                : new RealDimension(name, Real(range.Min), Real(range.Max), range.LogBase, (double?)Initial(range.Init ?? InRange(range, current)) is { } initial ? initial : null);
        if (member.Find<ChoiceAttribute>() is { } choice)
            return new ChoiceDimension(name, choice.Candidates, choice.Candidates.All(value => value is not string and not Enum and not bool),
                choice.DefaultValue ?? (current is not null && choice.Candidates.Contains(current) ? current : null));
        if (member.Find<BooleanChoiceAttribute>() is { } boolean)
            return new ChoiceDimension(name, [false, true], ordered: true, boolean.DefaultValue);
        return null;

        object? Initial(object? value) => value is null ? null : ParameterValues.Normalize(name, value) is var normal && range.Min is not int && normal is long whole ? (double)whole : normal;

        double Real(object value) => ParameterValues.Number(ParameterValues.Normalize(name, value))!.Value;
    }

    /// <summary>The property's own value, where the range holds it.</summary>
    private static object? InRange(RangeAttribute range, object? current) =>
        current is IConvertible number and not string and not bool and not Enum && number.ToDouble(CultureInfo.InvariantCulture) is var value
            && value >= Convert.ToDouble(range.Min, CultureInfo.InvariantCulture) && value <= Convert.ToDouble(range.Max, CultureInfo.InvariantCulture) ? current : null;

    /// <summary>Whether a dotted name is a property or field that can be set, marked or not.</summary>
    public static bool Has(Type type, string name) => name.Split('.', 2) is [var first, var rest]
        ? OptionsMember.Named(type, first) is { } outer && Has(outer.Type, rest)
        : OptionsMember.Named(type, name) is not null;

    private static object Create(Type type, object template, string prefix, IReadOnlyDictionary<string, object> values)
    {
        object copy = Clone.Invoke(template, null)!;
        foreach (string name in values.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..].Split('.')[0]).Distinct())
        {
            if (OptionsMember.Named(type, name) is not { } member)
                continue;
            if (values.TryGetValue(prefix + name, out object? value))
                member.Set(copy, ParameterValues.ConvertTo(value, member.Type));
            else
                member.Set(copy, Create(member.Type, member.Get(copy) ?? Activator.CreateInstance(member.Type)!, $"{prefix}{name}.", values));
        }
        return copy;
    }
}
