namespace MLNet.FineTune.Search;

/// <summary>A trial as strategies see it.</summary>
/// <param name="Units">The point's coordinates.</param>
/// <param name="State">How far it is.</param>
/// <param name="Objectives">What was measured: all where completed; the first where pruned, and others or not numbers; else none.</param>
internal sealed record Observation(double[] Units, TunerTrialState State, double[] Objectives);
