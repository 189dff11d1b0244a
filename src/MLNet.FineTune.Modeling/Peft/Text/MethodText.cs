using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNet.FineTune.Peft;

/// <summary>Writes methods as text; <see cref="MethodParser"/> reads it.</summary>
internal static class MethodText
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The options that differ from their defaults; a union that is nothing else as its parts between bars.</summary>
    public static string Format(PeftMethod method) =>
        method is PeftUnion { Parts.Length: > 1 } union && Options(union).Count() == 1 ? string.Join(" | ", union.Parts.Select(Call)) : Call(method);

    private static string Call(PeftMethod method)
    {
        string options = string.Join(", ", Options(method));
        return options.Length == 0 ? method.MethodName : $"{method.MethodName}({options})";
    }

    private static IEnumerable<string> Options(PeftMethod method)
    {
        object defaults = Activator.CreateInstance(method.GetType())!;
        foreach (PropertyInfo option in OptionNames.Of(method.GetType()))
        {
            string value = Value(option.GetValue(method), option.PropertyType);
            if (value != Value(option.GetValue(defaults), option.PropertyType))
                yield return $"{OptionNames.Written(option.Name)}={value}";
        }
    }

    private static string Value(object? value, Type type)
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
            PeftMethod method => Call(method),
            IEnumerable items when OptionTypes.Element(type) is { } element =>
                $"[{string.Join(OptionTypes.IsMethod(element) ? " | " : ", ", items.Cast<object?>().Select(item => Value(item, element)))}]",
            IFormattable number when OptionTypes.IsNumber(type) => number.ToString(null, CultureInfo.InvariantCulture),
            _ => JsonSerializer.Serialize(value, type, PeftMethods.Json),
        };
    }

    private static bool IsWord(string text) => text.Length > 0 && text != "null" && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/');

    /// <summary>A value without a name would be written as a number.</summary>
    private static bool IsNamed(Enum value) => !long.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
}
