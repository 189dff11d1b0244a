namespace MLNet.FineTune.Search;

/// <summary>A parameter counts only where an earlier one has one of some values.</summary>
/// <param name="Parent">The index of the earlier one.</param>
/// <param name="Levels">The coordinates of these values.</param>
internal sealed record DimensionCondition(int Parent, double[] Levels);
