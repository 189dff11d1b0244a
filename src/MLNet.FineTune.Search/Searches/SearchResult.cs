using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search has found so far, in all its runs and processes.</summary>
/// <typeparam name="TEntry">What it tries.</typeparam>
public abstract class SearchResult<TEntry> where TEntry : SearchEntry
{
    private readonly IReadOnlySet<int> _numbers;

    private protected SearchResult(FoundTrials found, Func<TrialRecord, TEntry> entry)
    {
        (Study, Trials, _numbers) = (found.Study, found.Trials, found.Front);
        Front = [.. TrialFront.Of(Trials, Study.Objectives).Select(entry)];
    }

    /// <summary>The search: its objectives, its settings, and whether it is finished.</summary>
    public SearchStudy Study { get; }

    /// <summary>All trials by number, those that failed, were pruned or wait to be done again among them.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>The completed trials within all limits that no other is better than, or equal in all and better in one objective; the best by the first objective first. Empty where none was completed.</summary>
    public IReadOnlyList<TEntry> Front { get; }

    /// <summary>The knee of the front, where a gain in one objective begins to cost more in others: the point farthest below the plane through the front's ends. With a single objective it is the best.</summary>
    /// <exception cref="InvalidOperationException">No trial was completed.</exception>
    public TEntry Knee() => Front[FrontChoice.Knee(Costs())];

    /// <summary>Writes the search as one HTML page that needs nothing else: front, parallel coordinates, importance of the parameters, learning curves and all trials.</summary>
    /// <param name="path">The file: complete or, after an error, as it was.</param>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void WriteReport(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SearchReport.Write(path, Study, Trials, _numbers);
    }

    /// <summary>The best by the first objective that a budget allows; null where it allows none.</summary>
    private protected TEntry? BestWithin(int cost, double budget)
    {
        SearchObjective limited = Study.Objectives[cost];
        return Front.Count > 0 && FrontChoice.WithinBudget(Costs(), 0, cost, limited.Cost(budget)) is { } index ? Front[index] : null;
    }

    /// <summary>The best by one objective after the other, each within its tolerance.</summary>
    private protected TEntry BestInOrder(IReadOnlyList<(int Objective, double Tolerance)> order)
    {
        if (order.Count == 0)
            throw new ArgumentException("There are no objectives; expected one at least.", nameof(order));
        return Front[FrontChoice.Lexicographic(Costs(), [.. order.Select(item => item.Objective)], [.. order.Select(item => item.Tolerance)])];
    }

    /// <summary>The front's values as costs.</summary>
    private double[][] Costs() => Front.Count == 0
        ? throw new InvalidOperationException($"No trial of '{Study.Name}' was completed{(Study.Objectives.Any(objective => objective.Limit is not null) ? " within the limits" : "")}, so there is none to choose; see {nameof(Trials)} for their errors.")
        : [.. Front.Select(entry => Study.Objectives.Zip(entry.Trial.Values, (objective, value) => objective.Cost(value)).ToArray())];
}
