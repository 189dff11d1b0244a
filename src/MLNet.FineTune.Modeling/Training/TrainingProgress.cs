namespace MLNet.FineTune;

/// <summary>Where a training run stands after a step.</summary>
/// <param name="Step">Optimiser steps taken.</param>
/// <param name="TotalSteps">Optimiser steps of the whole run.</param>
/// <param name="Epoch">Epochs done, with the fraction of the current one.</param>
/// <param name="Loss">The mean loss of the step.</param>
/// <param name="LearningRate">The scheduled learning rate of the step.</param>
/// <param name="GradientNorm">The norm of all gradients of the step, before clipping.</param>
/// <param name="RowsPerSecond">Rows trained on per second, over the latest steps.</param>
/// <param name="Remaining">The time that the rest is expected to take.</param>
/// <param name="ValidationMetric">The latest validation metric; <see langword="null"/> before the first evaluation.</param>
public sealed record TrainingProgress(
    int Step,
    int TotalSteps,
    double Epoch,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double RowsPerSecond,
    TimeSpan Remaining,
    double? ValidationMetric);
