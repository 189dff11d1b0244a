namespace MLNet.FineTune.Search;

/// <summary>What a worker got.</summary>
internal enum ClaimStatus
{
    /// <summary>A trial: a waiting one, one of a vanished worker, or the one proposed.</summary>
    Claimed,

    /// <summary>Nothing yet: a proposal for <see cref="ClaimResult.NextNumber"/> is needed.</summary>
    ProposalNeeded,

    /// <summary>Nothing: as many trials were started as may be.</summary>
    BudgetSpent,

    /// <summary>Nothing: the search was asked to stop.</summary>
    Stopped,
}

/// <summary>The storage's answer to a <see cref="ClaimRequest"/>.</summary>
/// <param name="Status">What the worker got.</param>
/// <param name="NextNumber">The number of the next new trial.</param>
/// <param name="Running">How many trials others, or other threads, are working on.</param>
internal sealed record ClaimResult(ClaimStatus Status, int NextNumber, int Running)
{
    /// <summary>The right to work on the trial; only when claimed.</summary>
    public TrialLease Lease { get; init; }

    /// <summary>The trial; only when claimed.</summary>
    public TrialRecord? Trial { get; init; }
}
