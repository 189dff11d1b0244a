using System.Diagnostics;

namespace MLNet.FineTune.Search;

/// <summary>Tells the caller where the search stands.</summary>
internal sealed class ProgressTracker(TrialLog log, SearchStudy study, TrialRunnerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int? _finishedBefore;

    /// <summary>The time since the run began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Tells <see cref="TrialRunnerOptions.Progress"/>, where there is one.</summary>
    public void Tell()
    {
        if (options.Progress is not { } progress)
            return;
        lock (_gate)
            progress.Report(Describe(log.Refresh()));
    }

    private SearchProgress Describe(IReadOnlyList<TrialRecord> trials)
    {
        int finished = trials.Count(trial => trial.IsFinished);
        _finishedBefore ??= finished;
        return new SearchProgress
        {
            Study = study.Name,
            Running = [.. trials.Where(trial => trial.State == TrialState.Running)],
            Waiting = Count(TrialState.Waiting),
            Completed = Count(TrialState.Completed),
            Failed = Count(TrialState.Failed),
            Pruned = Count(TrialState.Pruned),
            MaxTrials = options.MaxTrials,
            Best = TrialFront.Best(trials, study.Objectives),
            Objectives = study.Objectives,
            Front = TrialFront.Of(trials, study.Objectives),
            Elapsed = Elapsed,
            Remaining = Remaining(finished),
        };

        int Count(TrialState state) => trials.Count(trial => trial.State == state);
    }

    /// <summary>From the pace of all processes since this one takes part, and at most what is left of its own time.</summary>
    private TimeSpan? Remaining(int finished)
    {
        TimeSpan elapsed = Elapsed;
        TimeSpan? time = options.MaxDuration is { } limit ? Positive(limit - elapsed) : null;
        int since = finished - _finishedBefore!.Value;
        if (options.MaxTrials is not { } trials || since == 0)
            return time;
        TimeSpan work = Positive(elapsed / since * (trials - finished));
        return time < work ? time : work;
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
