using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The kinds of <see cref="EncoderSource"/> by their names in saved models; each kind registers itself when its assembly loads.</summary>
internal static class EncoderSourceKinds
{
    private const string What = "encoder reference";

    private static readonly ConcurrentDictionary<string, Func<JsonObject, EncoderSource>> Readers = new();

    public static void Register(string kind, Func<JsonObject, EncoderSource> read)
    {
        if (!Readers.TryAdd(kind, read))
            throw new InvalidOperationException($"Two kinds of encoder source are named '{kind}'.");
    }

    public static EncoderSource Read(JsonObject json)
    {
        string kind = Text(json, "kind");
        if (!Readers.TryGetValue(kind, out Func<JsonObject, EncoderSource>? read))
            throw new InvalidDataException($"The {What} is of kind '{kind}'; this version knows {string.Join(", ", Readers.Keys.Order())}. Load it with the version that saved it, or a newer one.");
        try
        {
            return read(json);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The {What} is malformed: {e.Message}", e);
        }
    }

    /// <summary>A text that the reference must have.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static string Text(JsonObject json, string key) =>
        json.Value<string>(key, What) ?? throw new InvalidDataException($"The {What} has no '{key}'.");
}
