using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>Reads the fields of a tokenizer's JSON file; a field of another type is an error that names file and field.</summary>
internal readonly record struct JsonFields(TokenizerFiles Files, string FileName, string Path, JsonElement Element)
{
    /// <summary>No vocabulary comes near this; larger numbers are damage.</summary>
    public const int HighestTokenId = 1 << 28;

    public static JsonFields Root(TokenizerFiles files, string name) => new(files, name, "", files.Json(name));

    /// <summary>The value of a field, or null where it is absent or null.</summary>
    public JsonElement? Get(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw Wrong("", "an object", Element);
        return Element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? String(string name) =>
        Get(name) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string", value);

    public bool? Boolean(string name) =>
        Get(name) is not { } value ? null : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value);

    public int? Integer(string name) =>
        Get(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(name, "an integer", value);

    /// <summary>An object field; null where it is absent.</summary>
    public JsonFields? Object(string name) =>
        Get(name) is not { } value ? null : value.ValueKind == JsonValueKind.Object ? this with { Path = Join(name), Element = value } : throw Wrong(name, "an object", value);

    /// <summary>The elements of an array field; none where it is absent.</summary>
    public IEnumerable<JsonFields> Array(string name)
    {
        if (Get(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(name, "an array", value);
        JsonFields self = this;
        return value.EnumerateArray().Select((element, index) => self with { Path = $"{self.Join(name)}[{index}]", Element = element });
    }

    /// <summary>A token-to-id object field; duplicate tokens, duplicate ids and negative ids are errors.</summary>
    public Dictionary<string, int> Vocabulary(string? name)
    {
        JsonFields source = name is null ? this : Object(name) ?? throw Invalid($"the field '{Join(name)}' is missing; expected an object of tokens and their ids.");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        foreach (JsonProperty entry in source.Element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id) || id is < 0 or > HighestTokenId)
                throw Wrong(entry.Name, "a token id", entry.Value);
            if (!ids.TryAdd(entry.Name, id))
                throw Invalid($"the token '{entry.Name}' is in the vocabulary twice.");
            if (!seen.Add(id))
                throw Invalid($"two tokens have the id {id}; one is '{entry.Name}'.");
        }
        return ids.Count > 0 ? ids : throw Invalid("the vocabulary is empty.");
    }

    public InvalidDataException Invalid(string problem) => Files.Invalid(FileName, problem);

    /// <summary>The error of a setting that cannot be honoured.</summary>
    public NotSupportedException Unsupported(string found, string supported) => Files.Unsupported(FileName, $"{found}{(Path.Length > 0 ? $" ('{Path}')" : "")}", supported);

    private string Join(string name) => Path.Length == 0 ? name : name.Length == 0 ? Path : $"{Path}.{name}";

    private InvalidDataException Wrong(string name, string expected, JsonElement found)
    {
        string text = found.GetRawText();
        return Invalid($"the field '{Join(name)}' should be {expected}, found {(text.Length > 60 ? text[..60] + "…" : text)}.");
    }
}
