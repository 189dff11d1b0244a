using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The prompts of a sentence-transformers directory: texts that go before those to be embedded.</summary>
/// <param name="Texts">The texts by name.</param>
/// <param name="Default">The name of the one that is used where none is asked for; null for no prompt.</param>
internal sealed record EncoderPrompts(IReadOnlyDictionary<string, string> Texts, string? Default)
{
    public const string File = "config_sentence_transformers.json";

    public static EncoderPrompts None { get; } = new(new Dictionary<string, string>(), null);

    /// <summary>Reads them from a sentence-transformers directory; none where it has no such file.</summary>
    /// <exception cref="InvalidDataException">The file is malformed, or the default is none of the prompts.</exception>
    public static EncoderPrompts Read(string directory)
    {
        string path = Path.Combine(directory, File);
        if (!System.IO.File.Exists(path))
            return None;
        JsonObject config = JsonFile.ReadObject(path);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config["prompts"] is { } node)
        {
            JsonObject prompts = node as JsonObject ?? throw new InvalidDataException($"{path}: 'prompts' is {node.ToJsonString()}; expected an object that has a text for each name.");
            foreach (string name in prompts.Select(prompt => prompt.Key))
                texts[name] = prompts.Value<string>(name, path) ?? "";
        }
        string? byDefault = config.Value<string>("default_prompt_name", path);
        if (byDefault is not null && !texts.ContainsKey(byDefault))
            throw new InvalidDataException($"{path}: 'default_prompt_name' is '{byDefault}'; expected {Describe(texts.Keys)}.");
        return new EncoderPrompts(texts, byDefault);
    }

    /// <summary>The text of a prompt; null where there is none to put before texts.</summary>
    /// <exception cref="ArgumentException">There is no prompt of the name that is asked for.</exception>
    public string? Choose(EmbeddingPrompt prompt)
    {
        string? text = prompt.Literal;
        if (prompt.UsesCheckpoint && (prompt.Name ?? Default) is { } name && !Texts.TryGetValue(name, out text))
            throw new ArgumentException($"The encoder has no prompt '{name}'; expected {Describe(Texts.Keys)}, or {nameof(EmbeddingPrompt)}.{nameof(EmbeddingPrompt.FromText)} for a text of your own.", nameof(prompt));
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>As <see cref="Read"/> finds them.</summary>
    public JsonObject ToJson() => new()
    {
        ["prompts"] = new JsonObject(Texts.Select(text => new KeyValuePair<string, JsonNode?>(text.Key, text.Value))),
        ["default_prompt_name"] = Default,
    };

    private static string Describe(IEnumerable<string> names) => names.Any() ? $"one of {string.Join(", ", names.Select(name => $"'{name}'"))}" : "none, as there are no prompts";
}
