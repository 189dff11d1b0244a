namespace MLNet.FineTune.Search;

/// <summary>A search as it stands after a run.</summary>
/// <param name="Study">The search.</param>
/// <param name="Trials">All trials, by number.</param>
/// <param name="Front">The numbers of the completed trials that no other one beats in all objectives.</param>
internal sealed record FoundTrials(SearchStudy Study, IReadOnlyList<TrialRecord> Trials, IReadOnlySet<int> Front);
