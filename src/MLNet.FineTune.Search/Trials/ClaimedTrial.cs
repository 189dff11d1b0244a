namespace MLNet.FineTune.Search;

/// <summary>A trial that this process works on.</summary>
internal sealed class ClaimedTrial : IDisposable
{
    private readonly CancellationTokenSource _source;

    /// <param name="lease">The right to work on it.</param>
    /// <param name="trial">The trial as it was when claimed.</param>
    /// <param name="run">Ends the work with the run.</param>
    public ClaimedTrial(TrialLease lease, TrialRecord trial, CancellationToken run)
    {
        Lease = lease;
        Trial = trial;
        _source = CancellationTokenSource.CreateLinkedTokenSource(run);
        Cancellation = _source.Token;
    }

    public TrialLease Lease { get; }

    public TrialRecord Trial { get; }

    /// <summary>Cancelled with the run, or when another worker has taken the trial over.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Ends the work on it, because another worker has taken it over.</summary>
    public void Lose() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
