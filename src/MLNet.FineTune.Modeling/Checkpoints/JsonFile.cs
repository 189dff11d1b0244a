using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Reads the JSON files of a model directory.</summary>
internal static class JsonFile
{
    // Twice the size of the largest tokenizer.json of published models; a larger one is something else.
    private const long MaxLength = 256 << 20;

    /// <summary>Parses a file that must hold one JSON value.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON, or too large to be meant as such.</exception>
    public static JsonNode Read(string path)
    {
        var file = new FileInfo(path);
        if (file.Length > MaxLength)
            throw new InvalidDataException($"{path}: {file.Length} bytes are too many for a JSON file of a model (limit {MaxLength}).");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Parses the contents of a file that must hold one JSON value.</summary>
    /// <exception cref="InvalidDataException">They are not JSON.</exception>
    public static JsonNode Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (ForeignFile.Describe(bytes[..Math.Min(bytes.Length, ForeignFile.HeadLength)]) is { } foreign)
            throw new InvalidDataException($"{path}: a JSON file is expected, but {foreign}.");
        try
        {
            ReadOnlySpan<byte> text = bytes;
            text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
            CheckTexts(text);
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })
                ?? throw new InvalidDataException($"{path}: the file holds null; expected an object or array.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: the file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Parses a file that must hold a JSON object.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    public static JsonObject ReadObject(string path) => AsObject(Read(path), path);

    /// <summary>Parses the contents of a file that must hold a JSON object.</summary>
    /// <exception cref="InvalidDataException">They are something else.</exception>
    public static JsonObject ParseObject(ReadOnlySpan<byte> bytes, string path) => AsObject(Parse(bytes, path), path);

    private static JsonObject AsObject(JsonNode node, string path) =>
        node as JsonObject ?? throw new InvalidDataException($"{path}: the file does not hold a JSON object.");

    /// <summary>A value of a given type; null when the key is absent or null.</summary>
    /// <exception cref="InvalidDataException">The value is of another type.</exception>
    public static T? Value<T>(this JsonObject json, string key, string path)
    {
        if (json[key] is not { } node)
            return default;
        return node is JsonValue value && value.TryGetValue(out T? result)
            ? result
            : throw new InvalidDataException($"{path}: '{key}' is {node.ToJsonString()}; expected {Describe(typeof(T))}.");
    }

    /// <summary>A list of texts; null when the key is absent or null.</summary>
    /// <exception cref="InvalidDataException">The value is something else.</exception>
    public static string[]? Texts(this JsonObject json, string key, string path) => json[key] switch
    {
        null => null,
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) => [.. array.Select(item => item!.GetValue<string>())],
        { } other => throw new InvalidDataException($"{path}: '{key}' is {other.ToJsonString()}; expected a list of texts."),
    };

    /// <summary>Decodes every text once: a <see cref="JsonNode"/> does so only when asked, and throws then.</summary>
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                reader.GetString();
    }

    private static string Describe(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) ? "a text" : plain == typeof(bool) ? "true or false" : "a number";
    }
}
