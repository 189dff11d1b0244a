using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNet.FineTune.OptionText;

/// <summary>Writes records as text; <see cref="RecordParser"/> reads it.</summary>
internal static class RecordWriter
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name, and the options in brackets where there are any to write.</summary>
    public static string Write(object record, RecordFamily family)
    {
        string options = string.Join(", ", Options(record, family));
        return options.Length == 0 ? family.NameOf(record) : $"{family.NameOf(record)}({options})";
    }

    /// <summary>The options that differ from their defaults, each as <c>name=value</c>.</summary>
    public static IEnumerable<string> Options(object record, RecordFamily family)
    {
        object defaults = Activator.CreateInstance(record.GetType())!;
        foreach (PropertyInfo option in OptionNames.Of(record.GetType()))
        {
            string value = Value(option.GetValue(record), option.PropertyType, family);
            if (value != Value(option.GetValue(defaults), option.PropertyType, family))
                yield return $"{OptionNames.Written(option.Name)}={value}";
        }
    }

    private static string Value(object? value, Type type, RecordFamily family)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => "null",
            bool on => on ? "true" : "false",
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            string text => IsWord(text) ? text : JsonSerializer.Serialize(text, Quoted),
            Enum name when IsNamed(name) => string.Join('|', name.ToString().Split(", ").Select(OptionNames.Written)),
            { } record when family.Of(record.GetType()) is { } own => Write(record, own),
            IEnumerable items when OptionTypes.Element(type) is { } element =>
                $"[{string.Join(family.Of(element) is not null ? " | " : ", ", items.Cast<object?>().Select(item => Value(item, element, family)))}]",
            IFormattable number when OptionTypes.IsNumber(type) => number.ToString(null, CultureInfo.InvariantCulture),
            _ => JsonSerializer.Serialize(value, type, family.Json),
        };
    }

    private static bool IsWord(string text) => text.Length > 0 && text != "null" && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/');

    /// <summary>A value without a name would be written as a number.</summary>
    private static bool IsNamed(Enum value) => !long.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
}
