using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Training;

/// <summary>Validates a model that answers questions.</summary>
/// <param name="logits">Scores all validation windows in evaluation mode. It is given the check to call between batches.</param>
/// <param name="windows">The windows.</param>
/// <param name="rules">How answers are found.</param>
/// <param name="metric">What to compute.</param>
internal sealed class AnswerValidator(Func<Action, float[][]> logits, AnswerWindow[] windows, AnswerRules rules, ValidationMetric metric) : IValidator
{
    public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(metric);

    public double Evaluate(Action checkAlive) => AnswerMetrics.Compute(metric, logits(checkAlive), windows, rules);
}
