namespace MLNet.FineTune.Search;

/// <summary>Gets trials for the threads of this process.</summary>
internal sealed class TrialQueue(TrialRun run, ITrialSuggester suggester)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeSpan _pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, run.Options.LeaseDuration.Ticks / 4));
    private readonly ClaimRequest _request = new(run.Options.Worker, run.Options.LeaseDuration, run.Options.MaxAttempts, run.Options.MaxTrials ?? int.MaxValue);
    private bool _exhausted;

    /// <summary>Why there is nothing more to do; once <see cref="Next"/> gave null.</summary>
    public SearchEnd End { get; private set; }

    /// <summary>
    /// The next trial. Waits while others work on the last ones, which may have to be taken over or done again.
    /// </summary>
    /// <returns>Null when the search or this run is over.</returns>
    public ClaimedTrial? Next()
    {
        while (!run.Token.IsCancellationRequested)
        {
            ClaimResult claim = Claim();
            switch (claim.Status)
            {
                case ClaimStatus.Claimed:
                    return new ClaimedTrial(claim.Lease, claim.Trial!, run.Token);
                case ClaimStatus.Stopped:
                    End = SearchEnd.Stopped;
                    return null;
                case var nothing when claim.Running == 0:
                    End = nothing == ClaimStatus.BudgetSpent ? SearchEnd.TrialsSpent : SearchEnd.Exhausted;
                    return null;
            }
            run.Tracker.Tell();
            run.Token.WaitHandle.WaitOne(_pause);
        }
        return null;
    }

    /// <summary>Proposes until nobody was faster. Only one thread of the process does, so that they do not do it for nothing.</summary>
    private ClaimResult Claim()
    {
        lock (_gate)
        {
            ClaimResult claim = run.Storage.Claim(run.Study.Name, _request, proposal: null);
            while (claim.Status == ClaimStatus.ProposalNeeded && !_exhausted && !run.Token.IsCancellationRequested)
            {
                IReadOnlyList<TrialRecord> past = [.. run.Log.Refresh().Take(claim.NextNumber)];
                if (suggester.Propose(past, claim.NextNumber, run.Options.Seed) is { } parameters)
                    claim = run.Storage.Claim(run.Study.Name, _request, new Proposal(claim.NextNumber, parameters));
                else
                    _exhausted = true;
            }
            return claim;
        }
    }
}
