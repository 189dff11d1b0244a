using MLNet.FineTune.Models;

namespace MLNet.FineTune.Training;

/// <summary>Validates a model that classifies words.</summary>
/// <param name="logits">Scores the words of all validation rows in evaluation mode. It is given the check to call between batches.</param>
/// <param name="data">The validation rows.</param>
/// <param name="classCount">How many classes there are.</param>
/// <param name="names">What they are called; null where they have no names.</param>
/// <param name="metric">What to compute.</param>
internal sealed class WordValidator(Func<Action, float[][]> logits, EncodedTexts data, int classCount, IReadOnlyList<string>? names, ValidationMetric metric) : IValidator
{
    public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(metric);

    public double Evaluate(Action checkAlive) => WordMetrics.Compute(metric, logits(checkAlive), data, classCount, names);
}
