using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Models;

/// <summary>What a <c>config.json</c> says of the classes.</summary>
internal static class CheckpointLabels
{
    private const string NamesKey = "id2label";
    private const string CountKey = "num_labels";

    /// <summary>How many there are; two where nothing is said, as in Hugging Face transformers.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public static int Count(JsonObject config, string location)
    {
        int count = config[NamesKey] is JsonObject names ? names.Count : config.Value<int?>(CountKey, location) ?? 2;
        return count >= 1 ? count : throw new InvalidDataException($"{location}: there are {count} labels ('{NamesKey}', '{CountKey}'); expected at least 1.");
    }

    /// <summary>What they are called, in the order of the logits: <c>LABEL_0</c> and so on where they have no names, as in Hugging Face transformers.</summary>
    /// <exception cref="InvalidDataException">Numbers have gaps, or a name is none or occurs twice.</exception>
    public static IReadOnlyList<string> Names(JsonObject config, string location)
    {
        int count = Count(config, location);
        if (config[NamesKey] is not JsonObject named)
            return [.. Enumerable.Range(0, count).Select(id => $"LABEL_{id.ToString(CultureInfo.InvariantCulture)}")];
        var names = new string[count];
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < count; id++)
        {
            string key = id.ToString(CultureInfo.InvariantCulture);
            if (!named.ContainsKey(key))
                throw new InvalidDataException($"{location}: '{NamesKey}' has {count} labels, none of them with the number {key} (there are {string.Join(", ", named.Select(label => $"'{label.Key}'").Take(20))}); expected the numbers 0 to {count - 1}.");
            names[id] = named[key]?.GetValueKind() switch
            {
                JsonValueKind.String => named[key]!.GetValue<string>(),
                JsonValueKind.Number => named[key]!.ToJsonString(),
                _ => throw new InvalidDataException($"{location}: '{NamesKey}' calls label {key} {named[key]?.ToJsonString() ?? "null"}; expected a text."),
            };
            if (!ids.TryAdd(names[id], id))
                throw new InvalidDataException($"{location}: '{NamesKey}' calls both label {ids[names[id]]} and label {key} '{names[id]}'; expected a name of its own for each.");
        }
        return names;
    }
}
