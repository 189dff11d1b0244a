using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Trains the largest singular values of the weights and nothing else of them: r numbers a projection, which scale the directions that
/// pre-training found to matter most; merges into the weights
/// (Sun et al. 2024, "SVFit: Parameter-Efficient Fine-Tuning of Large Pre-Trained Models Using Singular Values", arXiv 2409.05926).
/// </summary>
/// <remarks>Only the singular values are saved. The vectors are computed from the encoder again when the model is loaded, which takes a moment for large ones.</remarks>
[PeftMethodName("svfit")]
public sealed record SvFit : PeftMethod
{
    /// <summary>r: how many singular values of each weight train; all of them where a weight has fewer.</summary>
    /// <value>256.</value>
    [Range(8, 768, init: 256, logBase: true)]
    public int Rank { get; set; } = 256;

    /// <summary>The projections that are adapted, by role.</summary>
    /// <value>Query and value.</value>
    public TargetModules Targets { get; set; } = TargetModules.Query | TargetModules.Value;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that are adapted, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(SvFit), Targets, TargetPattern, Layers);

    internal override double DefaultLearningRate => 5e-3;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(SvFit), Rank);
        Selection.Validate();
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new SvFitLinear(context.Model.Names.Module(path), linear, Rank));
    }
}
