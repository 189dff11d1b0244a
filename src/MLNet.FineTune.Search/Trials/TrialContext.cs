namespace MLNet.FineTune.Search;

/// <summary>A trial, for those who evaluate it.</summary>
internal sealed class TrialContext
{
    private readonly ClaimedTrial _claimed;
    private readonly TrialRun _run;

    public TrialContext(ClaimedTrial claimed, TrialRun run)
    {
        _claimed = claimed;
        _run = run;
        Seed = TrialSeed.Of(run.Options.Seed, claimed.Trial.Number);
    }

    /// <summary>Its number in the study.</summary>
    public int Number => _claimed.Trial.Number;

    /// <summary>What is to be tried.</summary>
    public IReadOnlyDictionary<string, object> Parameters => _claimed.Trial.Parameters;

    /// <summary>1 the first time it is started; more after its worker vanished or an error was worth another try.</summary>
    public int Attempt => _claimed.Trial.Attempts;

    /// <summary>For its random numbers: the same in each attempt and process, another one for each trial.</summary>
    public int Seed { get; }

    /// <summary>Whether the reports so far say that the trial is not worth its end; it should then return <see cref="TrialOutcome.Pruned"/>.</summary>
    public bool ShouldPrune { get; private set; }

    /// <summary>Notes the first objective's value on the way.</summary>
    /// <param name="step">How far the trial is; ascending. A step at or below the last one begins anew from there.</param>
    /// <param name="value">The value; not a number counts as the worst.</param>
    /// <exception cref="OperationCanceledException">The trial was taken over by another worker.</exception>
    public void Report(int step, double value)
    {
        Require(_run.Storage.Report(_claimed.Lease, step, value));
        if (_run.Options.Pruner is { } pruner)
        {
            IReadOnlyList<TrialRecord> trials = _run.Log.Refresh();
            ShouldPrune = pruner.ShouldPrune(trials[Number], trials, _run.Study.Objectives);
        }
        _run.Tracker.Tell();
    }

    /// <summary>Leaves the evaluation where <see cref="ShouldPrune"/> says so: for callbacks, which have no other way out.</summary>
    /// <exception cref="TrialPrunedException">The trial is not worth its end.</exception>
    public void ThrowIfPruned()
    {
        if (ShouldPrune)
            throw new TrialPrunedException(Number);
    }

    /// <summary>Notes what is already known of an objective other than the first, for pruners and tuners.</summary>
    /// <param name="objective">One of the study's.</param>
    /// <param name="value">A finite number.</param>
    /// <exception cref="OperationCanceledException">The trial was taken over by another worker.</exception>
    public void Note(SearchObjective objective, double value) => SetAttribute(objective.Name, value);

    /// <summary>Notes something about the trial, such as a measured time.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">A finite double, a long, a bool or a text.</param>
    /// <exception cref="OperationCanceledException">The trial was taken over by another worker.</exception>
    public void SetAttribute(string name, object value) => Require(_run.Storage.SetAttribute(_claimed.Lease, name, value));

    private void Require(bool held)
    {
        if (held)
            return;
        _claimed.Lose();
        throw new OperationCanceledException($"Trial {Number} was taken over by another worker.", _claimed.Cancellation);
    }
}
