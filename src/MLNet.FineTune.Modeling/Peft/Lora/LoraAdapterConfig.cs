using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of LoRA.</summary>
internal static class LoraAdapterConfig
{
    /// <summary>Keys of newer peft versions that change what the adapter computes or where it is placed; they must say nothing.</summary>
    private static readonly string[] UnsupportedKeys =
        ["use_dora", "use_qalora", "lora_bias", "alpha_pattern", "rank_pattern", "exclude_modules", "layer_replication", "target_parameters"];

    /// <summary>Initialisations that rewrite the base weights, so that the adapter does not fit the published ones.</summary>
    private static readonly string[] BaseChangingInitializations = ["pissa", "olora", "corda", "loftq"];

    public static JsonObject Write(Lora options, PeftAdapter adapter)
    {
        var json = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = "",
            ["bias"] = options.Bias switch { LoraBias.All => "all", LoraBias.LoraOnly => "lora_only", _ => "none" },
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_pattern"] = null,
            ["layers_to_transform"] = null,
            ["lora_alpha"] = Number(options.Alpha, fraction: false),
            ["lora_dropout"] = Number(options.Dropout, fraction: true),
            ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
            ["peft_type"] = options.PeftType,
            ["r"] = options.Rank,
            ["revision"] = null,
            ["target_modules"] = new JsonArray([.. TargetNames.Of(adapter.Model, adapter.Placed.Select(placed => placed.Path)).Select(name => JsonValue.Create(name))]),
            ["task_type"] = "SEQ_CLS",
        };
        // Versions of peft from before rsLoRA do not know the key; it is written only where it says something.
        if (options.RankStabilized)
            json["use_rslora"] = true;
        return json;
    }

    /// <summary>Reads what peft wrote.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    public static Lora Read(JsonObject json, string location)
    {
        RefuseVariants(json, location);
        var options = new Lora
        {
            Rank = json.Value<int?>("r", location) ?? 8,
            Alpha = (float)(json.Value<double?>("lora_alpha", location) ?? 8),
            Dropout = (float)(json.Value<double?>("lora_dropout", location) ?? 0),
            RankStabilized = json.Value<bool?>("use_rslora", location) ?? false,
            TargetPattern = TargetPattern(json, location),
            Layers = Layers(json, location),
            Bias = (json.Value<string>("bias", location) ?? "none") switch
            {
                "none" => LoraBias.None,
                "all" => LoraBias.All,
                "lora_only" => LoraBias.LoraOnly,
                var other => throw new InvalidDataException($"{location}: 'bias' is '{other}'; expected none, all or lora_only."),
            },
        };
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

    private static void RefuseVariants(JsonObject json, string location)
    {
        if (json.Value<bool?>("fan_in_fan_out", location) ?? false)
            throw new NotSupportedException($"{location}: 'fan_in_fan_out' is true; supported are projections stored as [outputs, inputs].");
        foreach (string key in UnsupportedKeys)
            if (SaysSomething(json[key]))
                throw new NotSupportedException($"{location}: '{key}' is {json[key]!.ToJsonString()}; supported is plain LoRA, without it.");
        if (json["init_lora_weights"] is JsonValue initialization && initialization.TryGetValue(out string? name) && BaseChangingInitializations.Any(name.StartsWith))
            throw new NotSupportedException($"{location}: 'init_lora_weights' is '{name}', which trains against changed base weights; convert the adapter to plain LoRA with Python's peft first.");
    }

    private static bool SaysSomething(JsonNode? node) => node switch
    {
        null => false,
        JsonObject values => values.Count > 0,
        JsonArray values => values.Count > 0,
        JsonValue value => !(value.TryGetValue(out bool on) && !on),
        _ => true,
    };

    /// <summary>The ends of module names, or the regular expression, that <c>target_modules</c> holds.</summary>
    /// <remarks>Newer versions of peft compare whole segments only; what they write selects the same with the rule of the older ones.</remarks>
    private static string TargetPattern(JsonObject json, string location) => json["target_modules"] switch
    {
        JsonArray => $".*(?:{string.Join('|', json.Texts("target_modules", location)!.Select(Regex.Escape))})",
        null => throw new InvalidDataException($"{location}: 'target_modules' is missing."),
        _ => json.Value<string>("target_modules", location)!,
    };

    /// <summary>peft writes one layer as a number, several as a list.</summary>
    private static int[]? Layers(JsonObject json, string location)
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

    /// <summary>Python tells 8 from 8.0: whole numbers are written in the form that peft writes.</summary>
    private static JsonNode Number(float value, bool fraction)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(fraction && float.IsInteger(value) ? text + ".0" : text)!;
    }
}
