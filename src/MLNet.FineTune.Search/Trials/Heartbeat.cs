namespace MLNet.FineTune.Search;

/// <summary>Renews the leases of the trials in progress, on a thread of its own that no busy thread pool can hold up.</summary>
internal sealed class Heartbeat : IDisposable
{
    // Of this many beats in a lease's time all but one may fail.
    private const int BeatsPerLease = 3;

    private readonly SearchStorage _storage;
    private readonly TimeSpan _leaseDuration;
    private readonly Lock _gate = new();
    private readonly HashSet<ClaimedTrial> _trials = [];
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;

    public Heartbeat(SearchStorage storage, TimeSpan leaseDuration)
    {
        _storage = storage;
        _leaseDuration = leaseDuration;
        _thread = new Thread(Beat) { IsBackground = true, Name = "Leases of trials" };
        _thread.Start();
    }

    public void Add(ClaimedTrial trial)
    {
        lock (_gate)
            _trials.Add(trial);
    }

    /// <summary>No beat touches the trial any more once this returns.</summary>
    public void Remove(ClaimedTrial trial)
    {
        lock (_gate)
            _trials.Remove(trial);
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Beat()
    {
        while (!_end.Wait(_leaseDuration / BeatsPerLease))
            try
            {
                ClaimedTrial[] trials;
                lock (_gate)
                    trials = [.. _trials];
                if (trials.Length > 0)
                    Lose(_storage.Renew([.. trials.Select(trial => trial.Lease)], _leaseDuration));
            }
            catch (Exception)
            {
                // The next beat may do better. Else the leases expire, what is sent without one is refused, and what is
                // wrong with the storage comes to light where its results are needed.
            }
    }

    private void Lose(IReadOnlyList<TrialLease> lost)
    {
        lock (_gate)
            foreach (ClaimedTrial trial in _trials)
                if (lost.Contains(trial.Lease))
                    trial.Lose();
    }
}
