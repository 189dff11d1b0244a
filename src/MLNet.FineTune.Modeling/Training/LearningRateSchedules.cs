namespace MLNet.FineTune.Training;

/// <summary>The factor on the peak learning rate as a function of the step alone.</summary>
internal static class LearningRateSchedules
{
    private const double CutFraction = 0.1;
    private const double Ratio = 32;

    /// <summary>The factor, 0 to 1.</summary>
    /// <param name="schedule">The shape.</param>
    /// <param name="step">Steps already taken; fractional where time and not steps measures the progress.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="warmupSteps">Steps over which the rate rises in a straight line; the last of them has the peak rate.</param>
    /// <remarks>The first step has a rate above zero, and so has the last: none is spent without effect.</remarks>
    public static double Factor(LearningRateSchedule schedule, double step, int totalSteps, int warmupSteps)
    {
        if (schedule == LearningRateSchedule.SlantedTriangular)
            return SlantedTriangular(step, totalSteps);
        if (step < warmupSteps)
            return Math.Min(1, (step + 1) / warmupSteps);

        double progress = Math.Clamp((step - warmupSteps) / Math.Max(1, totalSteps - warmupSteps), 0, 1);
        return schedule switch
        {
            LearningRateSchedule.Linear => 1 - progress,
            LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => 1,
        };
    }

    private static double SlantedTriangular(double step, int totalSteps)
    {
        double cut = Math.Max(1, Math.Floor(totalSteps * CutFraction));
        double p = step < cut ? step / cut : 1 - (step - cut) / Math.Max(1, totalSteps - cut);
        return (1 + Math.Max(0, p) * (Ratio - 1)) / Ratio;
    }
}
