using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of LoRA.</summary>
internal static class LoraAdapterConfig
{
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
            ["lora_alpha"] = options.Alpha,
            ["lora_dropout"] = options.Dropout,
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
        T Value<T>(string key, T fallback) => json[key] is not { } node ? fallback
            : node is JsonValue value && value.TryGetValue(out T? read) ? read
            : throw new InvalidDataException($"{location}: '{key}' is {node.ToJsonString()}; expected {typeof(T).Name}.");

        if (Value("fan_in_fan_out", false))
            throw new NotSupportedException($"{location}: 'fan_in_fan_out' is true; supported are projections stored as [outputs, inputs].");
        if (Value("use_dora", false))
            throw new NotSupportedException($"{location}: 'use_dora' is true; supported is plain LoRA.");
        string[]? ends = (json["target_modules"] as JsonArray)?.Select(item => item!.GetValue<string>()).ToArray();
        string pattern = ends is not null
            ? $".*(?:{string.Join('|', ends.Select(Regex.Escape))})"
            : Value<string?>("target_modules", null) ?? throw new InvalidDataException($"{location}: 'target_modules' is missing.");
        var options = new Lora
        {
            Rank = Value("r", 8),
            Alpha = (float)Value("lora_alpha", 8.0),
            Dropout = (float)Value("lora_dropout", 0.0),
            RankStabilized = Value("use_rslora", false),
            TargetPattern = pattern,
            Layers = (json["layers_to_transform"] as JsonArray)?.Select(item => item!.GetValue<int>()).ToArray(),
            Bias = Value("bias", "none") switch
            {
                "none" => LoraBias.None,
                "all" => LoraBias.All,
                "lora_only" => LoraBias.LoraOnly,
                var other => throw new InvalidDataException($"{location}: 'bias' is '{other}'; expected none, all or lora_only."),
            },
        };
        options.Validate();
        return options;
    }
}
