using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Vector-based random matrix adaptation: the update of every weight is Λ_b·B·Λ_d·A, where A and B are random, never train and are the same
/// for all projections; each projection has vectors d of length r and b of its outputs' length, which scale the rows of A and B and are all
/// that trains. b starts at zero, so that training starts from the base model, and the update can be merged
/// (Kopiczko, Blankevoort and Asano 2023, "VeRA: Vector-based Random Matrix Adaptation", arXiv 2310.11454).
/// </summary>
/// <remarks>Ranks are higher and rates about ten times LoRA's, as in the paper; a rank costs each projection one number more.</remarks>
[PeftMethodName("vera")]
public sealed record Vera : PeftMethod
{
    /// <summary>Rank r of the shared matrices.</summary>
    /// <value>256.</value>
    [Range(16, 1024, init: 256, logBase: true)]
    public int Rank { get; set; } = 256;

    /// <summary>What the vectors d start at.</summary>
    /// <value>0.1.</value>
    [Range(0.01f, 1f, init: 0.1f, logBase: true)]
    public float InitialD { get; set; } = 0.1f;

    /// <summary>Probability of dropout on the input of the update, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>Seed of A and B, at least 0. The same seed gives what Python's peft draws on a processor for its <c>projection_prng_key</c>.</summary>
    /// <value>0.</value>
    public long ProjectionSeed { get; set; }

    /// <summary>Whether A and B are saved with the vectors; without, they are drawn again from <see cref="ProjectionSeed"/>, and what is saved is the smaller by far.</summary>
    /// <value>True.</value>
    public bool SaveProjections { get; set; } = true;

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>Null: query and value, as in the paper, in encoders of four layers and more; every projection inside the layers in shallower ones, as with <see cref="Lora"/>.</value>
    public TargetModules? Targets { get; set; }

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(Vera), Targets ?? TargetModules.None, TargetPattern, Layers);

    internal override double DefaultLearningRate => 5e-3;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(Vera), Rank);
        OptionRange.Require(float.IsFinite(InitialD) && InitialD != 0, nameof(Vera), nameof(InitialD), InitialD, "a finite number other than 0");
        OptionRange.Share(nameof(Vera), Dropout);
        OptionRange.Require(ProjectionSeed >= 0, nameof(Vera), nameof(ProjectionSeed), ProjectionSeed, "at least 0");
        if (Targets is not null || TargetPattern is not null)
            Selection.Validate();
    }

    internal override PeftMethod For(EncoderConfig encoder) => Targets is not null || TargetPattern is not null ? this
        : this with { Targets = ShallowEncoder.Targets(encoder) };

    internal override void Apply(PeftContext context)
    {
        IReadOnlyList<(string Path, AdaptableLinear Linear)> selected = Selection.Of(context.Model);
        var projections = new VeraProjections(this, selected.Max(target => target.Linear.Inputs), selected.Max(target => target.Linear.Outputs), context.Encoder.Config.Device);
        context.Share(VeraProjections.Path, projections);
        foreach (var (path, linear) in selected)
            context.Place(path, linear, new VeraLinear(linear, projections, InitialD, Dropout));
    }

    internal override string StateFileName(string name) => VeraProjections.FileName(name) ?? base.StateFileName(name);

    internal override string PeftType => "VERA";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => VeraAdapterConfig.Write(this, adapter);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => VeraAdapterConfig.Read(json, location);
}
