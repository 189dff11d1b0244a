using MLNet.FineTune.Training;

namespace MLNet.FineTune.AutoML;

/// <summary>The best validation metric of a training, that of the weights which it returns.</summary>
/// <param name="metric">What is measured.</param>
/// <param name="next">Is told as well.</param>
internal sealed class BestMetric(ValidationMetric metric, IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
{
    private readonly bool _higher = ClassificationMetrics.HigherIsBetter(metric);

    /// <summary>Not a number before the first evaluation.</summary>
    public double Value { get; private set; } = double.NaN;

    public void Report(TrainingProgress value)
    {
        if (value.ValidationMetric is { } latest && !(_higher ? latest <= Value : latest >= Value))
            Value = latest;
        next?.Report(value);
    }
}
