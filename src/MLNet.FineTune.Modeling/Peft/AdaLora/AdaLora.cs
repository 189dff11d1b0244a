using System.Text.Json.Nodes;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// Adaptive LoRA: the update is kept in the form P·Λ·Q of a singular value decomposition, and while it trains, the triplets of singular value
/// and vectors that matter least to the loss are taken away, over all projections together, until a budget is met. Projections that matter more
/// end with a higher rank; what is saved holds only what remains
/// (Zhang et al. 2023, "AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning", arXiv 2303.10512).
/// </summary>
/// <remarks>The orthogonality of P and Q is asked for as the authors' program does it, by the mean Frobenius norm of the gaps.</remarks>
[PeftMethodName("adalora")]
public sealed record AdaLora : PeftMethod
{
    private const double UsualWarmup = 0.1;
    private const double UsualFinal = 0.5;

    /// <summary>What peft divides the scale by is the rank and a little more.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>The mean rank of the projections in the end.</summary>
    /// <value>8.</value>
    [Range(1, 32, init: 8, logBase: true)]
    public int TargetRank { get; set; } = 8;

    /// <summary>The rank of every projection at the start; 1.5 times the final one in the paper.</summary>
    /// <value>12.</value>
    [Range(2, 64, init: 12, logBase: true)]
    public int InitialRank { get; set; } = 12;

    /// <summary>α: the update is scaled by α over <see cref="InitialRank"/>.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the update, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>t_i: steps before triplets are taken away.</summary>
    /// <value>Null: a tenth of all.</value>
    public int? WarmupSteps { get; set; }

    /// <summary>t_f: steps that train what remains.</summary>
    /// <value>Null: half of all.</value>
    public int? FinalSteps { get; set; }

    /// <summary>ΔT: the number of steps between allocations of the budget.</summary>
    /// <value>1.</value>
    public int AllocateEverySteps { get; set; } = 1;

    /// <summary>β₁: decay of the running average of the sensitivity.</summary>
    /// <value>0.85.</value>
    public float SensitivityDecay { get; set; } = 0.85f;

    /// <summary>β₂: decay of the running average of its uncertainty.</summary>
    /// <value>0.85.</value>
    public float UncertaintyDecay { get; set; } = 0.85f;

    /// <summary>γ: weight of the penalty on singular vectors that are not orthogonal.</summary>
    /// <value>0.5.</value>
    [Range(0.01f, 1f, init: 0.5f, logBase: true)]
    public float OrthogonalityWeight { get; set; } = 0.5f;

    /// <summary>The projections that get an update, by role.</summary>
    /// <value>All inside the layers, as in the paper.</value>
    public TargetModules Targets { get; set; } = TargetModules.AllLinear;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that get updates, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>The ranks that training left, by the path a module has in the checkpoint.</summary>
    /// <value>Null before training.</value>
    public Dictionary<string, int>? RankPattern { get; set; }

    /// <summary>How many steps the training had that decided the ranks; peft's files say it.</summary>
    /// <value>Null before training.</value>
    public int? TotalSteps { get; set; }

    private TargetSelection Selection => new(nameof(AdaLora), Targets, TargetPattern, Layers);

    internal override void Validate()
    {
        OptionRange.Rank(nameof(AdaLora), TargetRank);
        OptionRange.Rank(nameof(AdaLora), InitialRank);
        OptionRange.Require(InitialRank >= TargetRank || RankPattern is not null, nameof(AdaLora), nameof(InitialRank), InitialRank, $"at least {nameof(TargetRank)}, {TargetRank}");
        OptionRange.Positive(nameof(AdaLora), Alpha);
        OptionRange.Share(nameof(AdaLora), Dropout);
        OptionRange.Require(WarmupSteps is null or >= 0, nameof(AdaLora), nameof(WarmupSteps), WarmupSteps, "null or at least 0");
        OptionRange.Require(FinalSteps is null or >= 0, nameof(AdaLora), nameof(FinalSteps), FinalSteps, "null or at least 0");
        OptionRange.Require(AllocateEverySteps >= 1, nameof(AdaLora), nameof(AllocateEverySteps), AllocateEverySteps, "at least 1");
        OptionRange.Share(nameof(AdaLora), SensitivityDecay);
        OptionRange.Share(nameof(AdaLora), UncertaintyDecay);
        OptionRange.Require(OrthogonalityWeight >= 0 && float.IsFinite(OrthogonalityWeight), nameof(AdaLora), nameof(OrthogonalityWeight), OrthogonalityWeight, "a finite number of 0 or more");
        Selection.Validate();
        foreach ((string name, int rank) in RankPattern ?? [])
            OptionRange.Require(rank >= 0 && rank <= InitialRank, nameof(AdaLora), $"{nameof(RankPattern)}['{name}']", rank, $"0 to {nameof(InitialRank)}, {InitialRank}");
    }

    /// <summary>The course of a training.</summary>
    /// <exception cref="ArgumentException">It leaves no steps in which triplets could be taken away.</exception>
    internal AdaLoraSchedule Schedule(int projections, int totalSteps)
    {
        int warmup = WarmupSteps ?? (int)(UsualWarmup * totalSteps), final = FinalSteps ?? (int)(UsualFinal * totalSteps);
        OptionRange.Require(warmup + final < totalSteps, nameof(AdaLora), nameof(WarmupSteps), warmup, $"with {nameof(FinalSteps)}, {final}, less than the {totalSteps} steps of the training");
        return new AdaLoraSchedule(InitialRank * projections, TargetRank * projections, warmup, final, totalSteps);
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
        {
            int rank = RankPattern?.GetValueOrDefault(context.Model.Names.Module(path), InitialRank) ?? InitialRank;
            if (rank > 0)
                context.Place(path, linear, new AdaLoraLinear(linear, rank, Alpha / (InitialRank + Epsilon), Dropout));
        }
    }

    /// <remarks>Ranks that were decided stay.</remarks>
    internal override PeftTraining? CreateTraining(PeftAdapter adapter) => RankPattern is null ? new AdaLoraTraining(this, adapter) : null;

    internal override bool SizeIsLearnt => true;

    internal override FinishedMethod? Finish(PeftAdapter adapter)
    {
        if (RankPattern is not null || adapter.Placed.Any(placed => ((AdaLoraLinear)placed.Module).Kept is null))
            return null;
        var ranks = new Dictionary<string, int>();
        var values = new Dictionary<string, Tensor>();
        foreach (Placement placed in adapter.Placed)
        {
            var module = (AdaLoraLinear)placed.Module;
            long[] kept = [.. module.Kept!.Index().Where(one => one.Item).Select(one => (long)one.Index)];
            ranks.Add(adapter.Model.Names.Module(placed.Path), kept.Length);
            Tensor index = tensor(kept, device: module.Values.device);
            values.Add($"{placed.Path}.lora_A", module.Right.index_select(0, index));
            values.Add($"{placed.Path}.lora_B", module.Left.index_select(1, index));
            values.Add($"{placed.Path}.lora_E", module.Values.index_select(0, index));
        }
        AdaLoraSchedule schedule = ((AdaLoraLinear)adapter.Placed[0].Module).Schedule!;
        return new FinishedMethod(
            this with { RankPattern = ranks, WarmupSteps = schedule.WarmupSteps, FinalSteps = schedule.FinalSteps, TotalSteps = schedule.TotalSteps }, values);
    }

    internal override string PeftType => "ADALORA";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => AdaLoraAdapterConfig.Write(this, adapter);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => AdaLoraAdapterConfig.Read(json, location);
}
