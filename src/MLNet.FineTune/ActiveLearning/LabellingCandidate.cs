namespace MLNet.FineTune;

/// <summary>A text that is worth a label.</summary>
/// <param name="Row">Its row in the data, from zero.</param>
/// <param name="Score">How much, by the strategy; for <see cref="LabellingStrategy.CoreSet"/> the distance to the nearest labelled or chosen text, 0 for the first where there is none.</param>
public readonly record struct LabellingCandidate(int Row, double Score);
