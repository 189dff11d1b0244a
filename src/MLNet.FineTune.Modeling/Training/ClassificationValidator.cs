namespace MLNet.FineTune.Training;

/// <summary>Validates a classifier on labelled rows.</summary>
/// <param name="logits">Scores all validation rows in evaluation mode: row-major [rows, classes], in the order of <paramref name="labels"/>. It is given the check to call between batches.</param>
/// <param name="labels">The true classes.</param>
/// <param name="classCount">How many classes there are.</param>
/// <param name="metric">What to compute.</param>
internal sealed class ClassificationValidator(Func<Action, float[]> logits, int[] labels, int classCount, ValidationMetric metric) : IValidator
{
    public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(metric);

    public double Evaluate(Action checkAlive) => ClassificationMetrics.Compute(metric, logits(checkAlive), labels, classCount);
}
