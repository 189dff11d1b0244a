using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of AdaLoRA.</summary>
internal static class AdaLoraAdapterConfig
{
    private const string ValuesName = ".lora_E";

    /// <summary>peft's default of a key that AdaLoRA inherits and does not use.</summary>
    private const int UnusedRank = 8;

    public static JsonObject Write(AdaLora options, PeftAdapter adapter) => new()
    {
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = "",
        ["beta1"] = AdapterConfigValues.Number(options.SensitivityDecay, fraction: true),
        ["beta2"] = AdapterConfigValues.Number(options.UncertaintyDecay, fraction: true),
        ["bias"] = "none",
        ["deltaT"] = options.AllocateEverySteps,
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["init_r"] = options.InitialRank,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["lora_alpha"] = AdapterConfigValues.Number(options.Alpha, fraction: false),
        ["lora_dropout"] = AdapterConfigValues.Number(options.Dropout, fraction: true),
        ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
        ["orth_reg_weight"] = AdapterConfigValues.Number(options.OrthogonalityWeight, fraction: true),
        ["peft_type"] = options.PeftType,
        ["r"] = UnusedRank,
        ["rank_pattern"] = options.RankPattern is null ? null : Masks(options, adapter),
        ["revision"] = null,
        ["target_modules"] = AdapterConfigValues.Targets(adapter),
        ["target_r"] = options.TargetRank,
        ["task_type"] = "SEQ_CLS",
        ["tfinal"] = options.FinalSteps ?? 0,
        ["tinit"] = options.WarmupSteps ?? 0,
        ["total_step"] = options.TotalSteps ?? 1,
    };

    public static AdaLora Read(JsonObject json, string location)
    {
        json.RefuseFanInFanOut(location);
        json.Refuse([.. AdapterConfigValues.LoraVariants, "use_dora", "alpha_pattern"], "plain AdaLoRA", location);
        json.RefuseBias(location);
        return AdapterConfigValues.Checked(new AdaLora
        {
            TargetRank = json.Value<int?>("target_r", location) ?? 8,
            InitialRank = json.Value<int?>("init_r", location) ?? 12,
            Alpha = (float)(json.Value<double?>("lora_alpha", location) ?? 8),
            Dropout = (float)(json.Value<double?>("lora_dropout", location) ?? 0),
            WarmupSteps = json.Value<int?>("tinit", location),
            FinalSteps = json.Value<int?>("tfinal", location),
            TotalSteps = json.Value<int?>("total_step", location),
            AllocateEverySteps = json.Value<int?>("deltaT", location) ?? 1,
            SensitivityDecay = (float)(json.Value<double?>("beta1", location) ?? 0.85),
            UncertaintyDecay = (float)(json.Value<double?>("beta2", location) ?? 0.85),
            OrthogonalityWeight = (float)(json.Value<double?>("orth_reg_weight", location) ?? 0.5),
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
            RankPattern = Ranks(json, location),
        }, location);
    }

    /// <summary>peft says of each of the initial triplets whether it remains; which of them they were no longer matters.</summary>
    private static JsonObject Masks(AdaLora options, PeftAdapter adapter) => new(
        adapter.Placed.Select(placed => adapter.Model.Names.Module(placed.Path)).Select(module => (Module: module, Rank: options.RankPattern!.GetValueOrDefault(module, options.InitialRank)))
            .Select(module => KeyValuePair.Create(module.Module + ValuesName,
                (JsonNode?)new JsonArray([.. Enumerable.Range(0, options.InitialRank).Select(i => (JsonNode)(i < module.Rank))]))));

    private static Dictionary<string, int>? Ranks(JsonObject json, string location)
    {
        const string Key = "rank_pattern";
        if (!AdapterConfigValues.SaysSomething(json[Key]))
            return null;
        if (json[Key] is not JsonObject masks)
            throw new InvalidDataException($"{location}: '{Key}' is {json[Key]!.ToJsonString()}; expected lists of true and false by module name.");
        return masks.ToDictionary(entry => entry.Key.EndsWith(ValuesName, StringComparison.Ordinal) ? entry.Key[..^ValuesName.Length] : entry.Key, entry => Rank(entry.Key, entry.Value, location));
    }

    private static int Rank(string name, JsonNode? mask, string location) =>
        mask is JsonArray list && list.All(item => item is JsonValue value && value.TryGetValue(out bool _)) ? list.Count(item => item!.GetValue<bool>())
        : throw new InvalidDataException($"{location}: 'rank_pattern' gives '{name}' the value {mask?.ToJsonString() ?? "null"}; expected a list of true and false.");
}
