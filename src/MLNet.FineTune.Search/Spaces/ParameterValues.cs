using System.Globalization;
using System.Text.Json;

namespace MLNet.FineTune.Search;

/// <summary>The values that parameters are exchanged as: double, long, bool and string, which JSON keeps.</summary>
internal static class ParameterValues
{
    /// <summary>A value as one of the exchanged kinds.</summary>
    /// <exception cref="ArgumentException">It is of another kind.</exception>
    public static object Normalize(string name, object? value) => value switch
    {
        bool or string or long => value,
        double number when double.IsFinite(number) => number,
        float number when float.IsFinite(number) => double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), // the decimal one sees, not its binary neighbour
        Enum => value.ToString()!,
        byte or sbyte or short or ushort or int or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } json => json.GetBoolean(),
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Number } json => json.TryGetInt64(out long whole) ? whole : json.GetDouble(),
        _ => throw new ArgumentException(FormattableString.Invariant($"'{name}' is {value ?? "null"} ({value?.GetType().Name ?? "null"}); expected a finite number, a Boolean, a string or an enumeration's value.")),
    };

    /// <summary>A value as a number; null where it is none.</summary>
    public static double? Number(object value) => value switch
    {
        double number => number,
        long number => number,
        _ => null,
    };

    /// <summary>A value as an option's type: a number of its width, an enumeration by name, and the like.</summary>
    public static object ConvertTo(object value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.Parse(type, (string)value) : Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
    }
}
