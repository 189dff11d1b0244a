using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Dually sparsity-embedded efficient tuning: the update is a low-rank matrix plus a few single weights, at the places where the pretrained
/// weight itself is least like a low-rank matrix; on request, a share of the pretrained weights is set to zero besides
/// (Chen et al. 2021, "DSEE: Dually Sparsity-embedded Efficient Tuning of Pre-trained Language Models", arXiv 2111.00160).
/// </summary>
/// <remarks>
/// <para>Pruning concerns the adapted projections and belongs to the adapter: switched off, the encoder is whole again. The magnitudes decide once,
/// after <see cref="PruneAt"/> of the training; a threshold is saved in place of the mask.</para>
/// <para>Where this is not what the authors' program does: that adapts query and value at rank 16; scales the sparse part by α/r too; looks for its places beside a
/// low-rank part that grows to rank 100, where here it has the rank of the update; prunes the dense layers that it does not adapt as well, by the magnitude of the weight with
/// the low-rank part added, where here it is that of the pretrained weight; and as structured pruning takes away attention heads and inner units that a
/// penalty has made small, where here it is output units by their norm.</para>
/// </remarks>
[PeftMethodName("dsee")]
public sealed record Dsee : PeftMethod
{
    private const int MostSparse = 1 << 24;

    /// <summary>Rank r of the low-rank part.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the low-rank part is scaled by α/r.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the low-rank part, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>N: how many single weights of each projection train.</summary>
    /// <value>64, as in the authors' program; a projection with fewer weights has all of them.</value>
    [Range(16, 1024, init: 64, logBase: true)]
    public int SparseCount { get; set; } = 64;

    /// <summary>The share of the pretrained weights of the adapted projections that is set to zero.</summary>
    /// <value>0: none; the authors take 0.2 and 0.5.</value>
    [Range(0f, 0.7f, init: 0f)]
    public float PruneShare { get; set; }

    /// <summary>What is set to zero.</summary>
    /// <value><see cref="PruningPattern.Unstructured"/>.</value>
    [Choice(PruningPattern.Unstructured, PruningPattern.OutputUnits)]
    public PruningPattern Pruning { get; set; } = PruningPattern.Unstructured;

    /// <summary>The share of the training after which it is.</summary>
    /// <value>0.5: as in the authors' program it is trained as long after as before.</value>
    [Range(0.1f, 0.9f, init: 0.5f)]
    public float PruneAt { get; set; } = 0.5f;

    /// <summary>The projections that are adapted, by role.</summary>
    /// <value>All four of self-attention.</value>
    public TargetModules Targets { get; set; } = TargetModules.Attention;

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that are adapted, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(Dsee), Targets, TargetPattern, Layers);

    internal override void Validate()
    {
        OptionRange.Rank(nameof(Dsee), Rank);
        OptionRange.Positive(nameof(Dsee), Alpha);
        OptionRange.Share(nameof(Dsee), Dropout);
        OptionRange.Require(SparseCount is >= 1 and <= MostSparse, nameof(Dsee), nameof(SparseCount), SparseCount, $"1 to {MostSparse}");
        OptionRange.Share(nameof(Dsee), PruneShare);
        OptionRange.Defined(nameof(Dsee), Pruning);
        OptionRange.Share(nameof(Dsee), PruneAt);
        Selection.Validate();
    }

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new DseeLinear(linear, Rank, Alpha / Rank, Dropout, SparseCount, PruneShare == 0 ? null : Pruning));
    }

    internal override PeftTraining? CreateTraining(PeftAdapter adapter) => PruneShare == 0 ? null : new DseeTraining(this, adapter);
}
