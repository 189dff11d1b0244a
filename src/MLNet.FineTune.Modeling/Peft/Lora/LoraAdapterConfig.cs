using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of LoRA.</summary>
internal static class LoraAdapterConfig
{
    /// <summary>Initialisations that rewrite the base weights, so that the adapter does not fit the published ones.</summary>
    private static readonly string[] BaseChangingInitializations = ["pissa", "olora", "corda", "loftq", "lora_ga"];

    public static JsonObject Write(Lora options, PeftAdapter adapter)
    {
        var json = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = "",
            ["bias"] = options.Bias switch { LoraBias.All => "all", LoraBias.LoraOnly => "lora_only", _ => "none" },
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = options.Initialization == LoraInitialization.Gaussian ? "gaussian" : true,
            ["layers_pattern"] = null,
            ["layers_to_transform"] = null,
            ["lora_alpha"] = AdapterConfigValues.Number(options.Alpha, fraction: false),
            ["lora_dropout"] = AdapterConfigValues.Number(options.Dropout, fraction: true),
            ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
            ["peft_type"] = options.PeftType,
            ["r"] = options.Rank,
            ["revision"] = null,
            ["target_modules"] = AdapterConfigValues.Targets(adapter),
            ["task_type"] = "SEQ_CLS",
        };
        // Older versions of peft do not know these keys; they are written only where they say something.
        if (options.RankStabilized)
            json["use_rslora"] = true;
        if (options.UseDora)
            json["use_dora"] = true;
        if (options.RankPattern is { Count: > 0 } ranks)
            json["rank_pattern"] = new JsonObject((ranks.ContainsValue(0) ? Resolved(options, adapter) : ranks).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        if (options.AlphaPattern is { Count: > 0 } alphas)
            json["alpha_pattern"] = new JsonObject(alphas.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)AdapterConfigValues.Number(entry.Value, fraction: false))));
        return json;
    }

    /// <summary>Reads what peft wrote.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    public static Lora Read(JsonObject json, string location)
    {
        RefuseVariants(json, location);
        return AdapterConfigValues.Checked(new Lora
        {
            Rank = json.Value<int?>("r", location) ?? 8,
            Alpha = (float)(json.Value<double?>("lora_alpha", location) ?? 8),
            Dropout = (float)(json.Value<double?>("lora_dropout", location) ?? 0),
            RankStabilized = json.Value<bool?>("use_rslora", location) ?? false,
            UseDora = json.Value<bool?>("use_dora", location) ?? false,
            Initialization = json["init_lora_weights"] is JsonValue initialization && initialization.TryGetValue(out string? name) && name == "gaussian"
                ? LoraInitialization.Gaussian : LoraInitialization.Default,
            RankPattern = json.Numbers<int>("rank_pattern", location),
            AlphaPattern = json.Numbers<float>("alpha_pattern", location),
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
            Bias = (json.Value<string>("bias", location) ?? "none") switch
            {
                "none" => LoraBias.None,
                "all" => LoraBias.All,
                "lora_only" => LoraBias.LoraOnly,
                var other => throw new InvalidDataException($"{location}: 'bias' is '{other}'; expected none, all or lora_only."),
            },
        }, location);
    }

    /// <summary>peft has no rank 0: projections without an update are no targets there, and all others go by their own names.</summary>
    private static Dictionary<string, int> Resolved(Lora options, PeftAdapter adapter) => adapter.Placed
        .Select(placed => (Name: TargetNames.Of(adapter.Model, [placed.Path])[0], Rank: options.RankOf(adapter.Model.Names.Module(placed.Path))))
        .Where(module => module.Rank != options.Rank)
        .ToDictionary(module => module.Name, module => module.Rank);

    private static void RefuseVariants(JsonObject json, string location)
    {
        json.RefuseFanInFanOut(location);
        json.Refuse(AdapterConfigValues.LoraVariants, "plain LoRA", location);
        if (json["init_lora_weights"] is JsonValue initialization && initialization.TryGetValue(out string? name) && BaseChangingInitializations.Any(start => name.StartsWith(start, StringComparison.Ordinal)))
            throw new NotSupportedException($"{location}: 'init_lora_weights' is '{name}', which trains against changed base weights; convert the adapter to plain LoRA with Python's peft first.");
    }
}
