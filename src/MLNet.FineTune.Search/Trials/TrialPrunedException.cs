namespace MLNet.FineTune.Search;

/// <summary>Ends the evaluation of a trial that is not worth its end; recorded as pruned, not as an error.</summary>
internal sealed class TrialPrunedException(int number) : Exception($"Trial {number} was pruned.");
