namespace MLNet.FineTune.Search;

/// <summary>The trials of a study, kept up to date with what changed. Thread-safe.</summary>
internal sealed class TrialLog(SearchStorage storage, string study)
{
    private readonly Lock _gate = new();
    private readonly List<TrialRecord> _trials = [];
    private long _version;

    /// <summary>All trials as the storage has them now, by number.</summary>
    public IReadOnlyList<TrialRecord> Refresh()
    {
        lock (_gate)
        {
            TrialChanges changes = storage.ListTrials(study, _version);
            foreach (TrialRecord trial in changes.Trials)
                if (trial.Number < _trials.Count)
                    _trials[trial.Number] = trial;
                else
                    _trials.Add(trial);
            _version = changes.Version;
            return [.. _trials];
        }
    }
}
