using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary>Values of <c>adapter_config.json</c> that several methods have.</summary>
internal static class AdapterConfigValues
{
    /// <summary>Keys of LoRA in newer versions of peft, which AdaLoRA inherits, that change what the adapter computes or where it is placed.</summary>
    public static readonly IReadOnlyList<string> LoraVariants =
        ["use_qalora", "lora_bias", "exclude_modules", "layer_replication", "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "use_bdlora"];

    /// <summary>Module names as peft writes them.</summary>
    public static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);

    /// <summary>The ends of module names that select exactly these projections.</summary>
    public static JsonArray Targets(PeftAdapter adapter) => Names(TargetNames.Of(adapter.Model, adapter.Placed.Where(placed => placed.Site is not null).Select(placed => placed.Path)));

    /// <summary>The ends of module names, or the regular expression, that a key such as <c>target_modules</c> holds, as an expression for whole paths.</summary>
    /// <remarks>Newer versions of peft compare whole segments only; what they write selects the same with the rule of the older ones.</remarks>
    public static string Pattern(this JsonObject json, string key, string location) => json[key] switch
    {
        JsonArray => $".*(?:{string.Join('|', json.Texts(key, location)!.Select(Regex.Escape))})",
        null => throw new InvalidDataException($"{location}: '{key}' is missing."),
        _ => json.Value<string>(key, location)!,
    };

    /// <summary>peft writes one layer as a number, several as a list.</summary>
    public static int[]? Layers(this JsonObject json, string location)
    {
        const string Key = "layers_to_transform";
        if (json[Key] is not JsonArray array)
            return json.Value<int?>(Key, location) is { } one ? [one] : null;
        var layers = new List<int>();
        foreach (JsonNode? item in array)
            layers.Add(item is JsonValue value && value.TryGetValue(out int layer) ? layer
                : throw new InvalidDataException($"{location}: '{Key}' is {array.ToJsonString()}; expected a list of whole numbers."));
        return [.. layers];
    }

    /// <summary>Numbers by module name; null where there are none.</summary>
    public static Dictionary<string, T>? Numbers<T>(this JsonObject json, string key, string location) where T : struct => json[key] switch
    {
        null or JsonObject { Count: 0 } => null,
        JsonObject pattern => pattern.ToDictionary(entry => entry.Key, entry => entry.Value is JsonValue value && value.TryGetValue(out T number) ? number
            : throw new InvalidDataException($"{location}: '{key}' gives '{entry.Key}' the value {entry.Value?.ToJsonString() ?? "null"}; expected a number.")),
        { } other => throw new InvalidDataException($"{location}: '{key}' is {other.ToJsonString()}; expected numbers by module name."),
    };

    /// <summary>Python tells 8 from 8.0: whole numbers are written in the form that peft writes.</summary>
    public static JsonNode Number(float value, bool fraction)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(fraction && float.IsInteger(value) ? text + ".0" : text)!;
    }

    /// <exception cref="NotSupportedException">The projections are stored the other way round.</exception>
    public static void RefuseFanInFanOut(this JsonObject json, string location)
    {
        if (json.Value<bool?>("fan_in_fan_out", location) ?? false)
            throw new NotSupportedException($"{location}: 'fan_in_fan_out' is true; supported are projections stored as [outputs, inputs].");
    }

    /// <exception cref="NotSupportedException">Biases of the base train too.</exception>
    public static void RefuseBias(this JsonObject json, string location)
    {
        if ((json.Value<string>("bias", location) ?? "none") is var bias && bias != "none")
            throw new NotSupportedException($"{location}: 'bias' is '{bias}'; supported is none.");
    }

    /// <exception cref="NotSupportedException">One of the keys says something.</exception>
    public static void Refuse(this JsonObject json, IEnumerable<string> keys, string supported, string location)
    {
        foreach (string key in keys)
            if (SaysSomething(json[key]))
                throw new NotSupportedException($"{location}: '{key}' is {json[key]!.ToJsonString()}; supported is {supported}, without it.");
    }

    /// <summary>Whether a value is more than null, false or empty.</summary>
    public static bool SaysSomething(JsonNode? node) => node switch
    {
        null => false,
        JsonObject values => values.Count > 0,
        JsonArray values => values.Count > 0,
        JsonValue value => !(value.TryGetValue(out bool on) && !on),
        _ => true,
    };

    /// <summary>Options that were read, checked.</summary>
    /// <exception cref="InvalidDataException">They are not valid.</exception>
    public static T Checked<T>(T options, string location) where T : PeftMethod
    {
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{location}: {e.Message}", e);
        }
    }
}
