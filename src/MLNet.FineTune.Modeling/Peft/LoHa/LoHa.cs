using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Low-rank Hadamard product adaptation: the update is (α/r)·(A₁B₁) ∘ (A₂B₂), an element-wise product of two updates of rank r, whose own
/// rank reaches r² for twice the numbers of a LoRA of rank r. B₂ starts at zero, so that training starts from the base model, and the update
/// can be merged (Hyeon-Woo, Ye-Bin and Oh 2021, "FedPara: Low-Rank Hadamard Product for Communication-Efficient Federated Learning",
/// arXiv 2108.06098; named LoHa by Yeh et al. 2023, "Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning to Model Evaluation",
/// arXiv 2309.14859).
/// </summary>
/// <remarks>The update is formed whole in every step, which costs more than <see cref="Lora"/> where batches are small.</remarks>
[PeftMethodName("loha")]
public sealed record LoHa : PeftMethod
{
    private const string Plain = "plain LoHa";

    /// <summary>Rank r of both factors.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the update is scaled by α/r.</summary>
    /// <value>8.</value>
    [Range(1f, 128f, init: 8f, logBase: true)]
    public float Alpha { get; set; } = 8;

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

    private TargetSelection Selection => new(nameof(LoHa), Targets ?? TargetModules.None, TargetPattern, Layers);

    internal override double DefaultLearningRate => 5e-3;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(LoHa), Rank);
        OptionRange.Positive(nameof(LoHa), Alpha);
        OptionRange.Share(nameof(LoHa), RankDropout);
        OptionRange.Share(nameof(LoHa), ModuleDropout);
        if (Targets is not null || TargetPattern is not null)
            Selection.Validate();
    }

    internal override PeftMethod For(EncoderConfig encoder) => Targets is not null || TargetPattern is not null ? this
        : this with { Targets = ShallowEncoder.Targets(encoder) };

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new LoHaLinear(linear, this));
    }

    internal override string PeftType => "LOHA";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => LycorisAdapterConfig.Write(adapter, Rank, Alpha, RankDropout, ModuleDropout);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location)
    {
        json.RefuseVariants(Plain, location);
        RefuseAbba(json, location);
        return AdapterConfigValues.Checked(new LoHa
        {
            Rank = json.Value<int?>("r", location) ?? 8,
            Alpha = (float)(json.Value<double?>("alpha", location) ?? 8),
            RankDropout = (float)(json.Value<double?>("rank_dropout", location) ?? 0),
            ModuleDropout = (float)(json.Value<double?>("module_dropout", location) ?? 0),
            TargetPattern = json.Pattern("target_modules", location),
            Layers = json.Layers(location),
        }, location);
    }

    /// <summary>ABBA (arXiv 2505.14238) has a scale, and may have a rank, for each of the two products.</summary>
    private static void RefuseAbba(JsonObject json, string location)
    {
        json.Refuse(["r2"], Plain, location);
        if (json["use_khatri_rao"]?.ToJsonString() is not (null or "false" or "\"auto\""))
            json.Refuse(["use_khatri_rao"], Plain, location);
        if (json["init_weights"]?.ToJsonString() is not (null or "false" or "true"))
            json.Refuse(["init_weights"], Plain, location);
    }
}
