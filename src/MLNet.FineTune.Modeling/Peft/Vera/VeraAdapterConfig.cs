using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of VeRA.</summary>
internal static class VeraAdapterConfig
{
    private const string Plain = "plain VeRA";

    public static JsonObject Write(Vera options, PeftAdapter adapter) => new()
    {
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = "",
        ["bias"] = "none",
        ["d_initial"] = AdapterConfigValues.Number(options.InitialD, fraction: true),
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_weights"] = true,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
        ["peft_type"] = options.PeftType,
        ["projection_prng_key"] = options.ProjectionSeed,
        ["r"] = options.Rank,
        ["revision"] = null,
        ["save_projection"] = options.SaveProjections,
        ["target_modules"] = AdapterConfigValues.Targets(adapter),
        ["task_type"] = "SEQ_CLS",
        ["vera_dropout"] = AdapterConfigValues.Number(options.Dropout, fraction: true),
    };

    /// <summary>Reads what peft wrote.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    public static Vera Read(JsonObject json, string location)
    {
        json.RefuseFanInFanOut(location);
        json.RefuseBias(location);
        json.Refuse(["exclude_modules", "trainable_token_indices", "rank_pattern", "alpha_pattern"], Plain, location);
        return AdapterConfigValues.Checked(new Vera
        {
            Rank = json.Value<int?>("r", location) ?? 256,
            InitialD = (float)(json.Value<double?>("d_initial", location) ?? 0.1),
            Dropout = (float)(json.Value<double?>("vera_dropout", location) ?? 0),
            ProjectionSeed = json.Value<long?>("projection_prng_key", location) ?? 0,
            SaveProjections = json.Value<bool?>("save_projection", location) ?? true,
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
        }, location);
    }
}
