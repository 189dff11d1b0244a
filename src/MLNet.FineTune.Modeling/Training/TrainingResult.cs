namespace MLNet.FineTune.Training;

/// <summary>How a finished run went.</summary>
/// <param name="Steps">Optimiser steps taken.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Loss">The mean loss of the last step.</param>
/// <param name="BestValidationMetric">The best validation metric, which the model's weights now have; null without validation.</param>
/// <param name="Elapsed">The time it took.</param>
internal sealed record TrainingResult(int Steps, StopReason Reason, double Loss, double? BestValidationMetric, TimeSpan Elapsed);
