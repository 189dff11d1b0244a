using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Low-rank Kronecker product adaptation: the update is (α/r)·W₁ ⊗ W₂, of two matrices whose sizes multiply to the weight's; W₂, the larger
/// one, is a product of rank r where that is smaller. The update may have full rank with few numbers. W₁ starts at zero, so that training
/// starts from the base model, and the update can be merged (Yeh et al. 2023, "Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning
/// to Model Evaluation", arXiv 2309.14859).
/// </summary>
[PeftMethodName("lokr")]
public sealed record LoKr : PeftMethod
{
    /// <summary>peft's sign for factors near the square root.</summary>
    private const int NearSquareRoot = -1;

    /// <summary>Rank r of W₂; a W₂ no larger than 2r on either side is kept whole.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the update is scaled by α/r.</summary>
    /// <value>8.</value>
    [Range(1f, 128f, init: 8f, logBase: true)]
    public float Alpha { get; set; } = 8;

    /// <summary>How large W₁ is on either side: the number itself where it divides that of the weight, else the largest divisor that is no larger and at most the square root.</summary>
    /// <value>Null: the largest divisor up to the square root, which gives the fewest numbers.</value>
    public int? DecomposeFactor { get; set; }

    /// <summary>Whether W₁ is a product of rank r as well, where it is larger than 2r.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool DecomposeBoth { get; set; }

    /// <summary>Probability, while training, that a row of the update is left out of a step; the rest is scaled up.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float RankDropout { get; set; }

    /// <summary>Probability, while training, that the update of a projection is left out of a step.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float ModuleDropout { get; set; }

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>Null: query and value in encoders of four layers and more, every projection inside the layers in shallower ones, as with <see cref="Lora"/>.</value>
    public TargetModules? Targets { get; set; }

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(LoKr), Targets ?? TargetModules.None, TargetPattern, Layers);

    internal override double DefaultLearningRate => 2e-3;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(LoKr), Rank);
        OptionRange.Positive(nameof(LoKr), Alpha);
        OptionRange.Require(DecomposeFactor is null or > 0, nameof(LoKr), nameof(DecomposeFactor), DecomposeFactor, "null or at least 1");
        OptionRange.Share(nameof(LoKr), RankDropout);
        OptionRange.Share(nameof(LoKr), ModuleDropout);
        if (Targets is not null || TargetPattern is not null)
            Selection.Validate();
    }

    internal override PeftMethod For(EncoderConfig encoder) => Targets is not null || TargetPattern is not null ? this
        : this with { Targets = ShallowEncoder.Targets(encoder) };

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new LoKrLinear(linear, this));
    }

    internal override string PeftType => "LOKR";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter)
    {
        JsonObject json = LycorisAdapterConfig.Write(adapter, Rank, Alpha, RankDropout, ModuleDropout);
        json["decompose_both"] = DecomposeBoth;
        json["decompose_factor"] = DecomposeFactor ?? NearSquareRoot;
        // Older versions of peft do not know this key.
        if (RankDropout > 0)
            json["rank_dropout_scale"] = true;
        return json;
    }

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location)
    {
        json.RefuseVariants("plain LoKr", location);
        return AdapterConfigValues.Checked(new LoKr
        {
            Rank = json.Value<int?>("r", location) ?? 8,
            Alpha = (float)(json.Value<double?>("alpha", location) ?? 8),
            DecomposeFactor = json.Value<int?>("decompose_factor", location) is { } factor && factor != NearSquareRoot ? factor : null,
            DecomposeBoth = json.Value<bool?>("decompose_both", location) ?? false,
            RankDropout = (float)(json.Value<double?>("rank_dropout", location) ?? 0),
            ModuleDropout = (float)(json.Value<double?>("module_dropout", location) ?? 0),
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
        }, location);
    }
}
