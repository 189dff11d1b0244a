using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of OFT in the layout of newer versions of peft, which hold what is above the diagonals.</summary>
internal static class OftAdapterConfig
{
    /// <summary>peft's default.</summary>
    private const int UsualTerms = 5;

    /// <summary>peft's bound of a variant that is not used here.</summary>
    private const double UnusedBound = 6e-5;

    private const string Plain = "plain OFT";

    public static JsonObject Write(Oft options, PeftAdapter adapter) => new()
    {
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = "",
        ["bias"] = "none",
        ["block_share"] = options.ShareBlocks,
        ["coft"] = false,
        ["eps"] = UnusedBound,
        ["exclude_modules"] = null,
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_weights"] = true,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["module_dropout"] = AdapterConfigValues.Number(options.ModuleDropout, fraction: true),
        ["modules_to_save"] = AdapterFiles.ModulesToSave(adapter),
        ["num_cayley_neumann_terms"] = options.NeumannTerms ?? UsualTerms,
        // One of the two is always zero.
        ["oft_block_size"] = options.BlockCount is null ? options.BlockSize : 0,
        ["peft_type"] = options.PeftType,
        ["r"] = options.BlockCount ?? 0,
        ["revision"] = null,
        ["target_modules"] = AdapterConfigValues.Targets(adapter),
        ["task_type"] = "SEQ_CLS",
        ["use_cayley_neumann"] = options.NeumannTerms is not null,
    };

    /// <summary>Reads what peft wrote.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    public static Oft Read(JsonObject json, string location)
    {
        json.RefuseFanInFanOut(location);
        json.RefuseBias(location);
        json.Refuse(["coft", "exclude_modules", "trainable_token_indices", "rank_pattern", "alpha_pattern"], Plain, location);
        if (json["oft_block_size"] is null)
            throw new NotSupportedException($"{location}: 'oft_block_size' is missing, as in files of peft 0.13 and older, which rotate the output; supported are those of newer versions.");
        int size = json.Value<int>("oft_block_size", location), count = json.Value<int?>("r", location) ?? 0;
        if (size == 0 == (count == 0))
            throw new InvalidDataException($"{location}: 'r' is {count} and 'oft_block_size' is {size}; expected that one of them is 0 and the other is not.");
        var options = new Oft
        {
            BlockCount = count == 0 ? null : count,
            ShareBlocks = json.Value<bool?>("block_share", location) ?? false,
            NeumannTerms = json.Value<bool?>("use_cayley_neumann", location) ?? true ? json.Value<int?>("num_cayley_neumann_terms", location) ?? UsualTerms : null,
            ModuleDropout = (float)(json.Value<double?>("module_dropout", location) ?? 0),
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
        };
        return AdapterConfigValues.Checked(size == 0 ? options : options with { BlockSize = size }, location);
    }
}
