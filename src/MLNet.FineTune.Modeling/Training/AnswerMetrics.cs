using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Training;

/// <summary>How good the answers to questions are.</summary>
internal static class AnswerMetrics
{
    /// <summary>The metrics of answers.</summary>
    public static readonly IReadOnlyList<ValidationMetric> Defined = [ValidationMetric.ExactMatch, ValidationMetric.AnswerF1];

    /// <summary>Whether the metric is one of answers.</summary>
    public static bool Has(ValidationMetric metric) => Defined.Contains(metric);

    /// <summary>Checks before a long training that the metric can be computed.</summary>
    /// <exception cref="ArgumentException">It is none of answers.</exception>
    public static void Require(ValidationMetric metric)
    {
        if (!Has(metric))
            throw new ArgumentException($"{nameof(TrainingOptions)}.{nameof(TrainingOptions.ValidationMetric)} is {metric}, which is not defined for answers; expected one of {string.Join(", ", Defined)}.", nameof(metric));
    }

    /// <summary>Computes one metric.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="logits">The logits of each window, as <see cref="AnswerSearch.Add"/> takes them.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="rules">How answers are found.</param>
    public static double Compute(ValidationMetric metric, float[][] logits, AnswerWindow[] windows, AnswerRules rules)
    {
        Require(metric);
        return windows.Zip(logits).GroupBy(window => window.First.Row).Average(question =>
        {
            var search = new AnswerSearch(rules with { TopK = 1 });
            foreach ((AnswerWindow window, float[] scores) in question)
                search.Add(window.Window, scores);
            AnswerWindow any = question.First().First;
            string answer = search.Best().FirstOrDefault(FoundAnswer.None(float.NaN)).In(any.Window.Context.Text);
            return metric == ValidationMetric.AnswerF1 ? AnswerText.F1(answer, any.Gold.Texts) : AnswerText.IsExact(answer, any.Gold.Texts) ? 1 : 0;
        });
    }
}
