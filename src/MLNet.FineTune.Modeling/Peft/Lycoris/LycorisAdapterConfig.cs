using System.Text.Json.Nodes;

namespace MLNet.FineTune.Peft;

/// <summary>What the methods of LyCORIS have in common in <c>adapter_config.json</c>.</summary>
internal static class LycorisAdapterConfig
{
    /// <summary>Keys that change what the adapter computes or where it is placed.</summary>
    private static readonly string[] Variants = ["exclude_modules", "trainable_token_indices", "rank_pattern", "alpha_pattern", "use_dora"];

    /// <summary>The keys of a method, with those that all have.</summary>
    public static JsonObject Write(PeftAdapter adapter, int rank, float alpha, float rankDropout, float moduleDropout) => new()
    {
        ["alpha"] = AdapterConfigValues.Number(alpha, fraction: false),
        ["alpha_pattern"] = new JsonObject(),
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = "",
        ["inference_mode"] = true,
        ["init_weights"] = true,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["module_dropout"] = AdapterConfigValues.Number(moduleDropout, fraction: true),
        ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
        ["peft_type"] = adapter.Method.PeftType,
        ["r"] = rank,
        ["rank_dropout"] = AdapterConfigValues.Number(rankDropout, fraction: true),
        ["rank_pattern"] = new JsonObject(),
        ["revision"] = null,
        ["target_modules"] = AdapterConfigValues.Targets(adapter),
        ["task_type"] = "SEQ_CLS",
        ["use_effective_conv2d"] = false,
    };

    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    public static void RefuseVariants(this JsonObject json, string plain, string location)
    {
        json.RefuseFanInFanOut(location);
        json.RefuseBias(location);
        json.Refuse(Variants, plain, location);
    }
}
