namespace MLNet.FineTune;

/// <summary>
/// How adapters of one encoder become one: their changes of each weight matrix are thinned out, weighted, added and
/// factorised. The published recipes are settings of these:
/// <list type="table">
/// <listheader><term>Recipe</term><description>Settings</description></listheader>
/// <item><term>Linear</term><description>the defaults; with <see cref="Rank"/> null exact</description></item>
/// <item><term>SVD</term><description><see cref="Rank"/></description></item>
/// <item><term>Magnitude pruning</term><description><see cref="Density"/></description></item>
/// <item><term>TIES (Yadav et al. 2023, arXiv 2306.01708)</term><description><see cref="Density"/>, <see cref="SignConsensus"/></description></item>
/// <item><term>DARE (Yu et al. 2023, arXiv 2311.03099)</term><description><see cref="Density"/>, <see cref="RandomDropping"/></description></item>
/// <item><term>DARE with TIES</term><description>all three</description></item>
/// </list>
/// </summary>
public sealed record AdapterMergeOptions
{
    /// <summary>The rank of the merged update; what it cannot hold is lost, the smallest singular values first.</summary>
    /// <value>Default <see langword="null"/>: as much as the sum needs, but for rounding.</value>
    public int? Rank { get; set; }

    /// <summary>The share of each adapter's changes that is kept.</summary>
    /// <value>Default 1: all; above 0.</value>
    public double Density { get; set; } = 1;

    /// <summary>Whether the changes to keep are drawn at random and scaled up by one over <see cref="Density"/>, instead of the largest as they are.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RandomDropping { get; set; }

    /// <summary>Whether only changes in the direction of the sum count at each weight, and their mean is taken.</summary>
    /// <value>Default <see langword="false"/>: the sum.</value>
    public bool SignConsensus { get; set; }

    /// <summary>Seed of <see cref="RandomDropping"/>.</summary>
    /// <value>Default 0.</value>
    public int Seed { get; set; }

    internal void Validate()
    {
        if (Rank is < 1)
            throw new ArgumentException($"{nameof(AdapterMergeOptions)}.{nameof(Rank)} is {Rank}; expected null or at least 1.");
        if (!(Density is > 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(AdapterMergeOptions)}.{nameof(Density)} is {Density}; expected above 0, at most 1."));
    }
}
