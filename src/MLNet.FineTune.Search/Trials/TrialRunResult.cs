namespace MLNet.FineTune.Search;

/// <summary>What a search has found so far, in all processes and runs.</summary>
/// <param name="Study">The search.</param>
/// <param name="Trials">All trials, by number.</param>
/// <param name="Front">The numbers of the completed trials that no other one beats in all objectives.</param>
/// <param name="Best">The completed trial with the best value of the first objective; null for none.</param>
/// <param name="End">Why this run ended.</param>
/// <param name="Elapsed">How long this run took.</param>
internal sealed record TrialRunResult(
    SearchStudy Study,
    IReadOnlyList<TrialRecord> Trials,
    IReadOnlySet<int> Front,
    TrialRecord? Best,
    SearchEnd End,
    TimeSpan Elapsed);
