using System.Collections.ObjectModel;

namespace MLNet.FineTune;

/// <summary>A trial of a search as the storage has it.</summary>
public sealed record TrialRecord
{
    /// <summary>Its number in the study: from 0, without gaps.</summary>
    public required int Number { get; init; }

    /// <summary>What became of it so far.</summary>
    public required TrialState State { get; init; }

    /// <summary>What is tried: <see cref="double"/>, <see cref="long"/>, <see cref="bool"/> or <see cref="string"/> by name.</summary>
    public required IReadOnlyDictionary<string, object> Parameters { get; init; }

    /// <summary>The value of each objective, in the study's order; empty unless completed.</summary>
    public IReadOnlyList<double> Values { get; init; } = [];

    /// <summary>The values on the way, by ascending step.</summary>
    public IReadOnlyList<TrialReport> Reports { get; init; } = [];

    /// <summary>What the trial noted about itself, of the same types as <see cref="Parameters"/>.</summary>
    public IReadOnlyDictionary<string, object> Attributes { get; init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>Type and message of the error it ended with, or of the one before it was tried again; <see langword="null"/> for none.</summary>
    public string? Error { get; init; }

    /// <summary>Who works on it, or did last.</summary>
    public string? Worker { get; init; }

    /// <summary>When others may take it over (UTC, by the storage's clock), unless its worker renews the lease; <see langword="null"/> unless running.</summary>
    public DateTimeOffset? LeaseExpires { get; init; }

    /// <summary>How often it was started.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was started last (UTC).</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>From the last start to the end; <see langword="null"/> before the end.</summary>
    public TimeSpan? Duration => Ended - Started;

    /// <summary>Whether nothing more will become of it.</summary>
    public bool IsFinished => State is TrialState.Completed or TrialState.Failed or TrialState.Pruned;

    /// <summary>
    /// What is known of an objective for certain: its value where the trial is completed; before, what it noted under the objective's name in <see cref="Attributes"/>, as a search
    /// over methods notes the trainable parameters when training begins.
    /// </summary>
    /// <param name="objective">One of the study's.</param>
    /// <param name="objectives">The study's.</param>
    /// <returns>The value; <see langword="null"/> where it is not known.</returns>
    public double? ValueOf(SearchObjective objective, IReadOnlyList<SearchObjective> objectives)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(objectives);
        if (State == TrialState.Completed && objectives.Index().Where(item => item.Item == objective).Select(item => (int?)item.Index).FirstOrDefault() is { } i && i < Values.Count)
            return Values[i];
        return Attributes.TryGetValue(objective.Name, out object? noted) ? noted as double? ?? (noted as long?) : null;
    }
}
