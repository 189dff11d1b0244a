namespace MLNet.FineTune.Search;

/// <summary>What a worker asks the storage for.</summary>
/// <param name="Worker">Who asks; noted with the trial.</param>
/// <param name="LeaseDuration">How long the trial stays its own without renewal.</param>
/// <param name="MaxAttempts">How often a trial may be started; one whose worker vanished the last time has failed.</param>
/// <param name="MaxTrials">How many trials the study may start in all, by whomever.</param>
internal sealed record ClaimRequest(string Worker, TimeSpan LeaseDuration, int MaxAttempts, int MaxTrials);

/// <summary>A new trial, if its number is still free.</summary>
/// <param name="Number">The number it was proposed for.</param>
/// <param name="Parameters">What is to be tried.</param>
internal sealed record Proposal(int Number, IReadOnlyDictionary<string, object> Parameters);
