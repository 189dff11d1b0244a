namespace MLNet.FineTune.Search;

/// <summary>What a search is, for the storage that is to hold it.</summary>
internal sealed record StudyDefinition
{
    private const int MaxNameLength = 200;

    /// <summary>The name by which processes find each other.</summary>
    public required string Name { get; init; }

    /// <summary>One objective or more, with different names.</summary>
    public required IReadOnlyList<SearchObjective> Objectives { get; init; }

    /// <summary>What makes results comparable: the space, the data, the seed, as text by name. Whoever joins must have the same.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Trials to run before all others, such as the defaults.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object>> FixedTrials { get; init; } = [];

    /// <exception cref="ArgumentException">The name or an objective cannot be used.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MaxNameLength || Name.Any(char.IsControl))
            throw new ArgumentException($"Name of the study is '{Name}'; expected 1 to {MaxNameLength} characters without control characters.");
        if (Objectives.Count == 0)
            throw new ArgumentException($"Study '{Name}' has no objectives; expected at least one.");
        foreach (SearchObjective objective in Objectives)
        {
            if (string.IsNullOrWhiteSpace(objective.Name))
                throw new ArgumentException($"An objective of study '{Name}' has no name.");
            if (!Enum.IsDefined(objective.Direction))
                throw new ArgumentException($"Direction of objective '{objective.Name}' is {objective.Direction}; expected {nameof(ObjectiveDirection.Minimize)} or {nameof(ObjectiveDirection.Maximize)}.");
            if (objective.Limit is { } limit && !double.IsFinite(limit))
                throw new ArgumentException(FormattableString.Invariant($"Limit of objective '{objective.Name}' is {limit}; expected a finite number, or none."));
        }
        if (Objectives.GroupBy(objective => objective.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Study '{Name}' has two objectives named '{twice.Key}'; expected different names.");
    }

    /// <summary>Refuses to join a study of the same name that is another search.</summary>
    /// <exception cref="InvalidOperationException">Objectives or settings differ; the message says which and how.</exception>
    public void RequireSame(SearchStudy found, string storage)
    {
        List<string> differences = [];
        string theirs = Describe(found.Objectives), ours = Describe(Objectives);
        if (theirs != ours)
            differences.Add($"objectives there are {theirs}, here {ours}");
        foreach (string name in found.Settings.Keys.Union(Settings.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            string? there = found.Settings.GetValueOrDefault(name), here = Settings.GetValueOrDefault(name);
            if (there != here)
                differences.Add($"{name} there is {Quote(there)}, here {Quote(here)}");
        }
        if (differences.Count > 0)
            throw new InvalidOperationException($"Study '{Name}' in {storage} is another search: {string.Join("; ", differences)}. Choose another name, or the same settings.");
    }

    private static string Describe(IEnumerable<SearchObjective> objectives) =>
        string.Join(", ", objectives.Select(objective =>
            $"{objective.Name} ({(objective.Direction == ObjectiveDirection.Minimize ? "smaller" : "larger")} is better{(objective.Limit is { } limit ? FormattableString.Invariant($", {(objective.Direction == ObjectiveDirection.Minimize ? "at most" : "at least")} {limit}") : "")})"));

    private static string Quote(string? value) => value is null ? "absent" : $"'{value}'";
}
