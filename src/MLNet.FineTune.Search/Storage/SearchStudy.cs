namespace MLNet.FineTune;

/// <summary>A search as its storage has it.</summary>
public sealed record SearchStudy
{
    /// <summary>Its name, by which processes join it.</summary>
    public required string Name { get; init; }

    /// <summary>What it makes as good as it can; the first one is what trials report on their way.</summary>
    public required IReadOnlyList<SearchObjective> Objectives { get; init; }

    /// <summary>What all who take part must agree on, space and settings, as text by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>When it was created (UTC).</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When its budget was spent with no trial left unfinished (UTC); <see langword="null"/> before.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Whether its workers were asked to start nothing more.</summary>
    public bool StopRequested { get; init; }
}
