using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MLNet.FineTune.Search;

/// <summary>
/// Parameters and attributes as JSON: one object with the names in ordinal order, so that equal ones are equal text.
/// A <see cref="double"/> always has a point or an exponent and a <see cref="long"/> never, so that types survive.
/// </summary>
internal static class ParameterJson
{
    /// <exception cref="ArgumentException">A value is of another type, or not finite.</exception>
    public static string Write(IReadOnlyDictionary<string, object> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, object value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                WriteValue(writer, name, value);
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <param name="json">What <see cref="Write"/> wrote.</param>
    /// <param name="where">Names the place in errors.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static IReadOnlyDictionary<string, object> Read(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => ReadValue(property.Value), StringComparer.Ordinal).AsReadOnly();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{where}: '{json}' is not an object of numbers, texts and truth values: {e.Message}", e);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case long or int or short or byte:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double or float when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                writer.WriteRawValue(Text(Convert.ToDouble(value, CultureInfo.InvariantCulture)));
                break;
            case double or float:
                throw new ArgumentException($"'{name}' is {value}; expected a finite number.");
            default:
                throw new ArgumentException($"'{name}' is {(value is null ? "null" : $"of type {value.GetType().Name}")}; expected a double, long, bool or string.");
        }
    }

    private static string Text(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static object ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.GetRawText().AsSpan().IndexOfAny('.', 'E', 'e') < 0 => value.GetInt64(),
        JsonValueKind.Number => value.GetDouble(),
        var kind => throw new FormatException($"a value is {kind}"),
    };
}
