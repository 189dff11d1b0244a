using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class LabelSetMetricsTests
{
    [TestMethod]
    public void Validation_metrics_are_those_computed_by_hand()
    {
        int[][] sets = [[0], [0, 1], []];
        float[] probabilities = [0.8f, 0.6f, 0.9f, 0.7f, 0.1f, 0.3f];
        Assert.AreEqual(2.0 / 3, Compute(ValidationMetric.Accuracy), 1e-12);
        Assert.AreEqual((1 + 2.0 / 3) / 2, Compute(ValidationMetric.MacroF1), 1e-12);
        Assert.AreEqual(-(Math.Log(0.8) + Math.Log(0.4) + Math.Log(0.9) + Math.Log(0.7) + Math.Log(0.9) + Math.Log(0.7)) / 6, Compute(ValidationMetric.LogLoss), 1e-6);
        Assert.AreEqual(1.0, LabelSetMetrics.Compute(ValidationMetric.Accuracy, probabilities, sets, 2, 0.65f));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Compute(ValidationMetric.AreaUnderRocCurve)).Message, "AreaUnderRocCurve");
        Assert.ThrowsExactly<ArgumentException>(() => LabelSetMetrics.Compute(ValidationMetric.Accuracy, [], [], 2, 0.5f));

        double Compute(ValidationMetric metric) => LabelSetMetrics.Compute(metric, probabilities, sets, 2, 0.5f);
    }

    [TestMethod]
    public void Certain_mistakes_cost_a_finite_amount() =>
        Assert.IsTrue(double.IsFinite(LabelSetMetrics.Compute(ValidationMetric.LogLoss, [1, 0], [[1]], 2, 0.5f)));

    /// <summary>The first label of the first row ranks second, the last of the second row third.</summary>
    [TestMethod]
    public void Label_ranking_average_precision_is_the_mean_share_of_true_labels_at_least_as_high() =>
        Assert.AreEqual((1.0 / 2 + 1.0 / 3) / 2, LabelSetMetrics.LabelRankingAveragePrecision([true, false, false, false, false, true], [0.75f, 0.5f, 1, 1, 0.2f, 0.1f], 3), 1e-12);

    /// <summary>Against the sum over thresholds, Σ (Rₙ − Rₙ₋₁) Pₙ, with ties.</summary>
    [TestMethod]
    public void Average_precision_equals_the_sum_over_thresholds()
    {
        var random = new Random(1);
        bool[] truth = [.. Enumerable.Range(0, 60).Select(_ => random.Next(3) == 0)];
        float[] scores = [.. truth.Select(isTrue => random.Next(8) + (isTrue ? 2f : 0))];
        Assert.AreEqual(BruteForce(truth, scores), LabelSetMetrics.MicroAveragePrecision(truth, scores), 1e-12);
        double[] columns = [.. Enumerable.Range(0, 3).Select(label => BruteForce([.. truth.Where((_, i) => i % 3 == label)], [.. scores.Where((_, i) => i % 3 == label)]))];
        Assert.AreEqual(columns.Average(), LabelSetMetrics.MacroAveragePrecision(truth, scores, 3), 1e-12);
        Assert.IsTrue(double.IsNaN(LabelSetMetrics.MicroAveragePrecision([false], [1])));
    }

    [TestMethod]
    public void Empty_truth_and_empty_predictions_are_right()
    {
        Assert.AreEqual(1, LabelSetMetrics.MicroF1([false, false], [false, false]));
        Assert.AreEqual(1, LabelSetMetrics.MacroF1([false, false], [false, false], 2));
    }

    private static double BruteForce(bool[] truth, float[] scores)
    {
        double sum = 0, recall = 0;
        foreach (float threshold in scores.Distinct().OrderDescending())
        {
            int above = scores.Count(score => score >= threshold), right = scores.Zip(truth).Count(pair => pair.First >= threshold && pair.Second);
            double now = (double)right / truth.Count(isTrue => isTrue);
            sum += (now - recall) * right / above;
            recall = now;
        }
        return sum;
    }
}
