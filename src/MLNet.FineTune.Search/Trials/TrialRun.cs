namespace MLNet.FineTune.Search;

/// <summary>What the parts of a run share.</summary>
internal sealed class TrialRun : IDisposable
{
    private readonly CancellationTokenSource _abort;

    public TrialRun(SearchStorage storage, SearchStudy study, TrialRunnerOptions options, CancellationToken cancellation)
    {
        Storage = storage;
        Study = study;
        Options = options;
        Log = new TrialLog(storage, study.Name);
        Tracker = new ProgressTracker(Log, study, options);
        _abort = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.MaxDuration is { } duration)
            _abort.CancelAfter(duration);
        Token = _abort.Token;
        Heartbeat = new Heartbeat(storage, options.LeaseDuration);
    }

    public SearchStorage Storage { get; }

    public SearchStudy Study { get; }

    public TrialRunnerOptions Options { get; }

    public TrialLog Log { get; }

    public ProgressTracker Tracker { get; }

    public Heartbeat Heartbeat { get; }

    /// <summary>Cancelled by the caller, by the time, or by an error of the run itself.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends all work of this run.</summary>
    public void Abort() => _abort.Cancel();

    public void Dispose()
    {
        Heartbeat.Dispose();
        _abort.Dispose();
    }
}
