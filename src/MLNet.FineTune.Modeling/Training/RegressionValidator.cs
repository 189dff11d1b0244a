namespace MLNet.FineTune.Training;

/// <summary>Validates a model that predicts numbers.</summary>
/// <param name="predict">Predicts the numbers of all validation rows in evaluation mode, in the order of <paramref name="targets"/>. It is given the check to call between batches.</param>
/// <param name="targets">The true numbers.</param>
/// <param name="metric">What to compute.</param>
internal sealed class RegressionValidator(Func<Action, float[]> predict, float[] targets, ValidationMetric metric) : IValidator
{
    public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(metric);

    public double Evaluate(Action checkAlive) => RegressionMetrics.Compute(metric, predict(checkAlive), targets);
}
