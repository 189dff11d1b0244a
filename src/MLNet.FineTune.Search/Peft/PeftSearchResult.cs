using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search over fine-tuning methods has found so far, in all its runs and processes.</summary>
public sealed class PeftSearchResult
{
    private readonly IReadOnlySet<int> _numbers;
    private readonly IReadOnlyList<PeftObjective> _objectives;

    internal PeftSearchResult(SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front, IReadOnlyList<PeftObjective> objectives, Func<TrialRecord, PeftSearchEntry> entry)
    {
        (Study, Trials, _numbers, _objectives) = (study, trials, front, [.. objectives]);
        Front = [.. trials.Where(trial => front.Contains(trial.Number)).OrderBy(trial => study.Objectives[0].Cost(trial.Values[0])).ThenBy(trial => trial.Number).Select(entry)];
    }

    /// <summary>The search: its objectives, its settings, and whether it is finished.</summary>
    public SearchStudy Study { get; }

    /// <summary>All trials by number, those that failed, were pruned or wait to be done again among them.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>The completed trials that no other is better than, or equal in all and better in one objective; the best quality first. Empty where none was completed.</summary>
    public IReadOnlyList<PeftSearchEntry> Front { get; }

    /// <summary>The knee of the front, where a gain in one objective begins to cost more in others: the point farthest below the plane through the front's ends.</summary>
    /// <exception cref="InvalidOperationException">No trial was completed.</exception>
    public PeftSearchEntry Knee() => Front[FrontChoice.Knee(Costs())];

    /// <summary>The best quality that a budget allows.</summary>
    /// <param name="cost">What is limited, one of the search's objectives.</param>
    /// <param name="budget">The most that it may be.</param>
    /// <returns>Null where none of the front is within the budget.</returns>
    /// <exception cref="ArgumentException">The search has no such objective, or it is quality itself.</exception>
    public PeftSearchEntry? WithinBudget(PeftObjective cost, double budget)
    {
        if (cost == PeftObjective.Quality)
            throw new ArgumentException($"A budget limits a cost, not {PeftObjective.Quality}.", nameof(cost));
        int limited = IndexOf(cost);
        return Front.Count > 0 && FrontChoice.WithinBudget(Costs(), 0, limited, budget) is { } index ? Front[index] : null;
    }

    /// <summary>The best by one objective after the other, each within its tolerance: quality within 0.01 and then parameters within 0 is the smallest method of those almost as good as the best.</summary>
    /// <param name="order">The objectives, the most important first, and how much worse than the best counts as equal, in units of the objective.</param>
    /// <exception cref="ArgumentException">There are none, one is none of the search's, or a tolerance is negative.</exception>
    /// <exception cref="InvalidOperationException">No trial was completed.</exception>
    public PeftSearchEntry Lexicographic(params IReadOnlyList<(PeftObjective Objective, double Tolerance)> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Count == 0)
            throw new ArgumentException("There are no objectives; expected one at least.", nameof(order));
        return Front[FrontChoice.Lexicographic(Costs(), [.. order.Select(item => IndexOf(item.Objective))], [.. order.Select(item => item.Tolerance)])];
    }

    /// <summary>Writes the search as one HTML page that needs nothing else: front, parallel coordinates, importance of the parameters, learning curves and all trials.</summary>
    /// <param name="path">The file: complete or, after an error, as it was.</param>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void WriteReport(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SearchReport.Write(path, Study, Trials, _numbers);
    }

    /// <summary>The front's values as costs.</summary>
    private double[][] Costs() => Front.Count == 0
        ? throw new InvalidOperationException($"No trial of '{Study.Name}' was completed, so there is none to choose; see {nameof(Trials)} for their errors.")
        : [.. Front.Select(entry => Study.Objectives.Zip(entry.Trial.Values, (objective, value) => objective.Cost(value)).ToArray())];

    private int IndexOf(PeftObjective objective) =>
        _objectives.Index().Where(item => item.Item == objective).Select(item => (int?)item.Index).FirstOrDefault()
        ?? throw new ArgumentException($"{objective} is no objective of the search; expected one of {string.Join(", ", _objectives)}.", nameof(objective));
}
