namespace MLNet.FineTune.Models;

/// <summary>Where the numbers to predict lie. A model learns them less the mean, over the deviation, so that no learning rate depends on their unit.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation; above 0.</param>
internal sealed record TargetScale(float Mean, float Deviation)
{
    /// <param name="targets">The numbers of the training rows, two different ones at least.</param>
    public static TargetScale Of(float[] targets)
    {
        double mean = targets.Average(target => (double)target);
        return new TargetScale((float)mean, (float)Math.Sqrt(targets.Average(target => (target - mean) * (target - mean))));
    }

    /// <summary>What the model learns of a number.</summary>
    public float Scaled(float target) => (target - Mean) / Deviation;

    /// <summary>The number of what the model gives.</summary>
    public float Restored(float output) => Mean + Deviation * output;
}
