using System.Runtime.ExceptionServices;

namespace MLNet.FineTune.Search;

/// <summary>
/// Runs the trials of a study in this process, beside any others that do the same. A trial that fails is recorded and
/// the search goes on; only the storage and the suggester can end it with an error.
/// </summary>
/// <param name="storage">Where the trials are kept.</param>
/// <param name="definition">The search.</param>
/// <param name="options">Budgets, and how this process takes part.</param>
internal sealed class TrialRunner(SearchStorage storage, StudyDefinition definition, TrialRunnerOptions options)
{
    /// <summary>Runs until the budget is spent, the suggester has nothing more, or the run is cancelled or stopped.</summary>
    /// <param name="suggester">Decides what to try.</param>
    /// <param name="evaluate">Tries it; called by <see cref="TrialRunnerOptions.Parallelism"/> threads at once. The token is cancelled when the trial is not to go on: it is then given back, and done again in a later run.</param>
    /// <param name="cancellation">Ends the run early; what was found so far is returned.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The storage has another search of the same name.</exception>
    public TrialRunResult Run(ITrialSuggester suggester, Func<TrialContext, CancellationToken, TrialOutcome> evaluate, CancellationToken cancellation = default)
    {
        options.Validate();
        SearchStudy study = storage.CreateOrJoin(definition);
        using var run = new TrialRun(storage, study, options, cancellation);
        var queue = new TrialQueue(run, suggester);
        run.Tracker.Tell();
        RunThreads(run, queue, new TrialExecution(run, evaluate));
        SearchEnd end = run.Token.IsCancellationRequested ? cancellation.IsCancellationRequested ? SearchEnd.Cancelled : SearchEnd.TimeSpent : queue.End;
        if (end is SearchEnd.TrialsSpent or SearchEnd.Exhausted)
            storage.Finish(study.Name);
        run.Tracker.Tell();
        IReadOnlyList<TrialRecord> trials = run.Log.Refresh();
        return new TrialRunResult(study, trials, TrialFront.Numbers(trials, study.Objectives), TrialFront.Best(trials, study.Objectives), end, run.Tracker.Elapsed);
    }

    /// <summary>The calling thread is one of them; an error in any ends all, and is thrown when they have ended.</summary>
    private void RunThreads(TrialRun run, TrialQueue queue, TrialExecution execution)
    {
        ExceptionDispatchInfo? error = null;
        Thread[] others = [.. Enumerable.Range(1, options.Parallelism - 1).Select(index => new Thread(Work) { IsBackground = true, Name = $"Trials {index}" })];
        foreach (Thread thread in others)
            thread.Start();
        Work();
        foreach (Thread thread in others)
            thread.Join();
        error?.Throw();

        void Work()
        {
            try
            {
                while (queue.Next() is { } trial)
                    using (trial)
                        execution.Run(trial);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
                run.Abort();
            }
        }
    }
}
