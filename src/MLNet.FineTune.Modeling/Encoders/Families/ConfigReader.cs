using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Encoders.Families;

/// <summary>Reads typed values from a <c>config.json</c>; a missing or wrong one is an error that names the key.</summary>
internal sealed class ConfigReader(JsonObject json, string location)
{
    /// <summary>Far above what any encoder has; it bounds what a damaged file makes us build.</summary>
    private const int MaxLayers = 1000;

    public JsonObject Json => json;

    public string Location => location;

    /// <summary>A whole number from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    public int Int(string key, int? fallback = null, int minimum = 1, int maximum = int.MaxValue)
    {
        if (json[key] is not { } node)
            return fallback ?? throw new InvalidDataException($"{location}: '{key}' is missing; expected a whole number.");
        if (node.GetValueKind() != JsonValueKind.Number || !node.AsValue().TryGetValue(out int value) || value < minimum || value > maximum)
            throw Wrong(key, node.ToJsonString(), maximum == int.MaxValue ? $"a whole number of at least {minimum}" : $"a whole number from {minimum} to {maximum}");
        return value;
    }

    public double Double(string key, double fallback)
    {
        if (json[key] is not { } node)
            return fallback;
        return node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue(out double value) && double.IsFinite(value) && value >= 0
            ? value
            : throw Wrong(key, node.ToJsonString(), "a number that is not negative");
    }

    public bool Bool(string key, bool fallback) => json[key] is not { } node ? fallback : node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, node.ToJsonString(), "true or false"),
    };

    public string Text(string key, string fallback) => json[key] is not { } node ? fallback
        : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(key, node.ToJsonString(), "a text");

    /// <summary>A list of texts, or one text with the items between bars.</summary>
    public IReadOnlyList<string> Texts(string key) => json[key] switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) => [.. array.Select(item => item!.GetValue<string>())],
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>().Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        { } other => throw Wrong(key, other.ToJsonString(), "a list of texts"),
    };

    /// <summary>Refuses a value this library does not compute.</summary>
    public void RequireText(string key, string only)
    {
        if (Text(key, only) is var found && found != only)
            throw new NotSupportedException($"{location}: '{key}' is '{found}'; supported is '{only}'.");
    }

    /// <inheritdoc cref="RequireText"/>
    public void RequireInt(string key, int only)
    {
        if (Int(key, only, int.MinValue) is var found && found != only)
            throw new NotSupportedException($"{location}: '{key}' is {found.ToString(CultureInfo.InvariantCulture)}; supported is {only.ToString(CultureInfo.InvariantCulture)}.");
    }

    /// <inheritdoc cref="RequireText"/>
    public void RequireBool(string key, bool only)
    {
        if (Bool(key, only) != only)
            throw new NotSupportedException($"{location}: '{key}' is {(only ? "false" : "true")}; supported is {(only ? "true" : "false")}.");
    }

    /// <summary>The name of an activation function.</summary>
    public Activation Activation(string key, string fallback = "gelu") => Activations.Parse(Text(key, fallback), $"{location}: '{key}'");

    /// <summary>Checks what must hold between values.</summary>
    public EncoderConfig Check(EncoderConfig config)
    {
        if (config.HiddenSize % config.HeadCount != 0)
            throw Inconsistent($"the hidden size {config.HiddenSize} is not a multiple of the {config.HeadCount} attention heads");
        if (config.LayerCount > MaxLayers)
            throw Inconsistent($"there are {config.LayerCount} layers; expected at most {MaxLayers}");
        if (config.PhysicalLayerCount > config.LayerCount)
            throw Inconsistent($"there are {config.PhysicalLayerCount} groups of layers, more than the {config.LayerCount} layers");
        if (config.MaxLength < 1)
            throw Inconsistent($"{config.PositionRows} positions counted from {config.PositionOffset} leave none for tokens");
        if (config.PadId >= config.VocabularySize)
            throw Inconsistent($"'pad_token_id' is {config.PadId}; expected below the vocabulary's size, {config.VocabularySize}");
        return config;
    }

    private InvalidDataException Inconsistent(string problem) => new($"{location}: {problem}.");

    private InvalidDataException Wrong(string key, string found, string expected) => new($"{location}: '{key}' is {found}; expected {expected}.");
}
