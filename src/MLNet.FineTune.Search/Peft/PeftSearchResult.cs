using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search over fine-tuning methods has found so far, in all its runs and processes.</summary>
public sealed class PeftSearchResult : SearchResult<PeftSearchEntry>
{
    private readonly IReadOnlyList<PeftObjective> _objectives;

    internal PeftSearchResult(FoundTrials found, IReadOnlyList<PeftObjective> objectives, Func<TrialRecord, PeftSearchEntry> entry) : base(found, entry) => _objectives = [.. objectives];

    /// <summary>The best quality that a budget allows.</summary>
    /// <param name="cost">What is limited, one of the search's objectives.</param>
    /// <param name="budget">The most that it may be.</param>
    /// <returns>Null where none of the front is within the budget.</returns>
    /// <exception cref="ArgumentException">The search has no such objective, or it is quality itself.</exception>
    public PeftSearchEntry? WithinBudget(PeftObjective cost, double budget)
    {
        if (cost == PeftObjective.Quality)
            throw new ArgumentException($"A budget limits a cost, not {PeftObjective.Quality}.", nameof(cost));
        return BestWithin(IndexOf(cost), budget);
    }

    /// <summary>The best by one objective after the other, each within its tolerance: quality within 0.01 and then parameters within 0 is the smallest method of those almost as good as the best.</summary>
    /// <param name="order">The objectives, the most important first, and how much worse than the best counts as equal, in units of the objective.</param>
    /// <exception cref="ArgumentException">There are none, one is none of the search's, or a tolerance is negative.</exception>
    /// <exception cref="InvalidOperationException">No trial was completed.</exception>
    public PeftSearchEntry Lexicographic(params IReadOnlyList<(PeftObjective Objective, double Tolerance)> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return BestInOrder([.. order.Select(item => (IndexOf(item.Objective), item.Tolerance))]);
    }

    private int IndexOf(PeftObjective objective) =>
        _objectives.Index().Where(item => item.Item == objective).Select(item => (int?)item.Index).FirstOrDefault()
        ?? throw new ArgumentException($"{objective} is no objective of the search; expected one of {string.Join(", ", _objectives)}.", nameof(objective));
}
