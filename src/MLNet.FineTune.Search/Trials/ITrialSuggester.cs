namespace MLNet.FineTune.Search;

/// <summary>Decides what to try next.</summary>
internal interface ITrialSuggester
{
    /// <summary>Proposes the parameters of a trial. Called by one thread at a time, but in every process that takes part: what it depends on must be in its arguments.</summary>
    /// <param name="past">All trials with lower numbers, in whatever state, by number.</param>
    /// <param name="number">The new trial's number.</param>
    /// <param name="seed">The study's seed.</param>
    /// <returns><see cref="double"/>, <see cref="long"/>, <see cref="bool"/> or <see cref="string"/> values by name; null when there is nothing more to try.</returns>
    IReadOnlyDictionary<string, object>? Propose(IReadOnlyList<TrialRecord> past, int number, int seed);
}
