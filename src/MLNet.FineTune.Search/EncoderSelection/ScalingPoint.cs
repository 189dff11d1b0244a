namespace MLNet.FineTune;

/// <summary>What fine-tuning on some rows gave.</summary>
/// <param name="Rows">How many rows were learnt from.</param>
/// <param name="Loss">The log-loss on the validation rows.</param>
/// <param name="Accepted">Whether the prediction rests on it: not, where it is too far from the line through the points of more rows.</param>
public sealed record ScalingPoint(int Rows, double Loss, bool Accepted = true);
