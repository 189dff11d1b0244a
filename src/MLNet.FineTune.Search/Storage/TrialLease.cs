namespace MLNet.FineTune.Search;

/// <summary>The right to work on a trial, until it expires and another worker takes the trial over.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Number">The trial's number.</param>
/// <param name="Token">A number that grows with each lease of the study: what a holder of an older one sends is refused.</param>
internal readonly record struct TrialLease(string Study, int Number, long Token);
