using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search over a trainer's options has found so far, in all its runs and processes.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public sealed class TrainerSearchResult<TOptions> : SearchResult<TrainerSearchEntry<TOptions>> where TOptions : class, new()
{
    internal TrainerSearchResult(FoundTrials found, Func<TrialRecord, TrainerSearchEntry<TOptions>> entry) : base(found, entry)
    {
    }

    /// <summary>The best by the first objective that a budget allows.</summary>
    /// <param name="objective">The name of what is limited, such as <c>fit seconds</c>; not the first one's.</param>
    /// <param name="budget">The most that it may be; the least, where larger values are better.</param>
    /// <returns>Null where none of the front is within the budget.</returns>
    /// <exception cref="ArgumentException">The search has no such objective, or it is the first one.</exception>
    public TrainerSearchEntry<TOptions>? WithinBudget(string objective, double budget)
    {
        int limited = IndexOf(objective);
        if (limited == 0)
            throw new ArgumentException($"A budget limits another objective than the first, '{objective}'.", nameof(objective));
        return BestWithin(limited, budget);
    }

    /// <summary>The best by one objective after the other, each within its tolerance.</summary>
    /// <param name="order">The names of the objectives, the most important first, and how much worse than the best counts as equal, in units of the objective.</param>
    /// <exception cref="ArgumentException">There are none, one is none of the search's, or a tolerance is negative.</exception>
    /// <exception cref="InvalidOperationException">No trial was completed.</exception>
    public TrainerSearchEntry<TOptions> Lexicographic(params IReadOnlyList<(string Objective, double Tolerance)> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return BestInOrder([.. order.Select(item => (IndexOf(item.Objective), item.Tolerance))]);
    }

    private int IndexOf(string objective) =>
        Study.Objectives.Index().Where(item => item.Item.Name == objective).Select(item => (int?)item.Index).FirstOrDefault()
        ?? throw new ArgumentException($"'{objective}' is no objective of the search; expected one of {string.Join(", ", Study.Objectives.Select(other => $"'{other.Name}'"))}.", nameof(objective));
}
