namespace MLNet.FineTune;

/// <summary>Where a search stands.</summary>
public sealed record SearchProgress
{
    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>The trials that are being worked on, in all processes, by number.</summary>
    public required IReadOnlyList<TrialRecord> Running { get; init; }

    /// <summary>The number of trials that wait to be started.</summary>
    public required int Waiting { get; init; }

    /// <summary>The number of trials with a value for each objective.</summary>
    public required int Completed { get; init; }

    /// <summary>The number of trials that ended with an error.</summary>
    public required int Failed { get; init; }

    /// <summary>The number of trials that were ended early.</summary>
    public required int Pruned { get; init; }

    /// <summary>The number of trials after which the search ends; <see langword="null"/> for no such limit.</summary>
    public required int? MaxTrials { get; init; }

    /// <summary>The completed trial with the best value of the first objective; <see langword="null"/> before there is one.</summary>
    public required TrialRecord? Best { get; init; }

    /// <summary>What the search makes as good as it can.</summary>
    public required IReadOnlyList<SearchObjective> Objectives { get; init; }

    /// <summary>The completed trials that no other one beats in all objectives, the best by the first objective first.</summary>
    public required IReadOnlyList<TrialRecord> Front { get; init; }

    /// <summary>The number of trials on the front.</summary>
    public int FrontSize => Front.Count;

    /// <summary>The time since this process took part.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the rest is expected to take; <see langword="null"/> where there is nothing to tell it from.</summary>
    public required TimeSpan? Remaining { get; init; }
}
