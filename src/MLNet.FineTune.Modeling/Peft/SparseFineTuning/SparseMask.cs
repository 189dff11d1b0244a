namespace MLNet.FineTune;

/// <summary>How <see cref="SparseFineTuning"/> chooses the weights that train.</summary>
public enum SparseMask
{
    /// <summary>Those that a training of all weights moves farthest ("lottery ticket").</summary>
    LotteryTicket,

    /// <summary>At random, the same share of every projection: the paper's point of comparison, without the first training.</summary>
    Random,
}
