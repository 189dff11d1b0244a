namespace MLNet.FineTune;

/// <summary>A value that a trial had on its way.</summary>
/// <param name="Step">How far the trial was: epochs, steps or whatever the search counts; 0 or more.</param>
/// <param name="Value">The first objective's value then; not a number where it could not be computed.</param>
public readonly record struct TrialReport(int Step, double Value);
