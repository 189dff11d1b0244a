namespace MLNet.FineTune.Search;

/// <summary>Evaluates one trial after the other and records what comes of it.</summary>
internal sealed class TrialExecution(TrialRun run, Func<TrialContext, CancellationToken, TrialOutcome> evaluate)
{
    public void Run(ClaimedTrial trial)
    {
        run.Heartbeat.Add(trial);
        try
        {
            run.Tracker.Tell();
            Evaluate(trial);
        }
        finally
        {
            run.Heartbeat.Remove(trial);
        }
        run.Tracker.Tell();
    }

    private void Evaluate(ClaimedTrial trial)
    {
        TrialOutcome outcome;
        int maxAttempts = 1;
        try
        {
            outcome = evaluate(new TrialContext(trial, run), trial.Cancellation).Checked(run.Study.Objectives);
        }
        catch (TrialPrunedException)
        {
            outcome = TrialOutcome.Pruned;
        }
        catch (OperationCanceledException) when (trial.Cancellation.IsCancellationRequested)
        {
            run.Storage.Release(trial.Lease);
            return;
        }
        catch (Exception e)
        {
            outcome = TrialOutcome.Failed($"{e.GetType().FullName}: {e.Message}");
            maxAttempts = run.Options.Retry(e) ? run.Options.MaxAttempts : 1;
        }
        Record(trial.Lease, outcome, maxAttempts);
    }

    /// <summary>What a worker says that has lost its lease is refused by the storage, and rightly forgotten here.</summary>
    private void Record(TrialLease lease, TrialOutcome outcome, int maxAttempts) => _ = outcome.State switch
    {
        TrialState.Completed => run.Storage.Complete(lease, outcome.Values),
        TrialState.Pruned => run.Storage.Prune(lease),
        _ => run.Storage.Fail(lease, outcome.Error!, maxAttempts),
    };
}
