namespace MLNet.FineTune.Search;

/// <summary>How a process takes part in a search.</summary>
internal sealed record TrialRunnerOptions
{
    /// <summary>The number of trials of the study, all processes and earlier runs counted; null for no limit.</summary>
    public int? MaxTrials { get; init; }

    /// <summary>The time after which this run ends; trials in progress are given back. Null for no limit.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Trials at once in this process.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>How often a trial is started at most, whether its worker vanished or <see cref="Retry"/> says to try again.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Which errors may pass when the trial is tried again. Others fail it at once: the same parameters would fail the same way.</summary>
    public Func<Exception, bool> Retry { get; init; } = static error => error is IOException or TimeoutException;

    /// <summary>The time after which others take over a trial whose worker gives no sign of life; it gives three in that time.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The study's seed, from which each trial's follows.</summary>
    public int Seed { get; init; }

    /// <summary>Ends hopeless trials early; null to let all run to their end.</summary>
    public IPruner? Pruner { get; init; }

    /// <summary>Who this process is, for the list of trials.</summary>
    public string Worker { get; init; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Is told after each event; called by one thread at a time.</summary>
    public IProgress<SearchProgress>? Progress { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Validate()
    {
        if (MaxTrials < 1)
            throw new ArgumentException($"{nameof(MaxTrials)} is {MaxTrials}; expected at least 1, or null.");
        // What CancellationTokenSource takes.
        if (MaxDuration is { } duration && (duration <= TimeSpan.Zero || duration > TimeSpan.FromDays(49)))
            throw new ArgumentException($"{nameof(MaxDuration)} is {duration}; expected more than 0 and up to 49 days, or null.");
        if (Parallelism < 1)
            throw new ArgumentException($"{nameof(Parallelism)} is {Parallelism}; expected at least 1.");
        if (MaxAttempts < 1)
            throw new ArgumentException($"{nameof(MaxAttempts)} is {MaxAttempts}; expected at least 1.");
        if (LeaseDuration < TimeSpan.FromMilliseconds(100) || LeaseDuration > TimeSpan.FromDays(1))
            throw new ArgumentException($"{nameof(LeaseDuration)} is {LeaseDuration}; expected 100 milliseconds to 1 day.");
        if (string.IsNullOrWhiteSpace(Worker) || Worker.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"{nameof(Worker)} is '{Worker}'; expected a name.");
        Pruner?.Validate();
    }
}
