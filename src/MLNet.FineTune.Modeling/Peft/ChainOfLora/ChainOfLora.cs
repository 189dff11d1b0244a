using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// A chain of low-rank updates: one LoRA is trained and frozen, then another that learns what it left, and so on. The sum reaches a
/// higher rank while no more numbers train at a time than with one LoRA; what remains is a LoRA of that higher rank
/// (Xia, Qin and Hazan 2024, "Chain of LoRA: Efficient Fine-tuning of Language Models via Residual Learning", arXiv 2401.04151).
/// </summary>
/// <remarks>Links train for equal shares of all steps; optimiser and learning-rate schedule begin anew with each. The head trains on throughout.</remarks>
[PeftMethodName("chain-of-lora")]
public sealed record ChainOfLora : PeftMethod
{
    private const int MostLinks = 64;

    /// <summary>How many updates are trained, one after the other.</summary>
    /// <value>3, the longest chain of the paper.</value>
    [Range(2, 5, init: 3)]
    public int Links { get; set; } = 3;

    /// <summary>Rank r of each update.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: each update is scaled by α/r.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the update that trains.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>The projections that get updates, by role.</summary>
    /// <value>Query and value, as in the paper.</value>
    public TargetModules Targets { get; set; } = TargetModules.Query | TargetModules.Value;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(ChainOfLora), Targets, TargetPattern, Layers);

    internal override void Validate()
    {
        OptionRange.Require(Links is >= 1 and <= MostLinks, nameof(ChainOfLora), nameof(Links), Links, $"1 to {MostLinks}");
        OptionRange.Rank(nameof(ChainOfLora), Rank);
        OptionRange.Positive(nameof(ChainOfLora), Alpha);
        OptionRange.Share(nameof(ChainOfLora), Dropout);
        Selection.Validate();
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new ChainLinear(linear, Rank, Links, Alpha / Rank, Dropout));
    }

    internal override PeftTraining CreateTraining(PeftAdapter adapter) => new ChainTraining(this, adapter);

    internal override bool SizeIsLearnt => true;

    internal override FinishedMethod Finish(PeftAdapter adapter)
    {
        var values = new Dictionary<string, Tensor>();
        int links = 1;
        foreach (Placement placed in adapter.Placed)
        {
            var module = (ChainLinear)placed.Module;
            links = module.Done + 1;
            values.Add($"{placed.Path}.lora_A.weight", module.AllA);
            values.Add($"{placed.Path}.lora_B.weight", module.AllB);
        }
        return new FinishedMethod(
            new Lora { Rank = links * Rank, Alpha = links * Alpha, Dropout = Dropout, Targets = Targets, TargetPattern = TargetPattern, Layers = Layers }, values);
    }
}
