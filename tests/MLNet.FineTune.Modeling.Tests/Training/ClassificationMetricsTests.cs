using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class ClassificationMetricsTests
{
    private static readonly float[] Logits = [2, 1, 0, 0, 3, 1, 1, 0, 2, 5, 1, 1];
    private static readonly int[] Labels = [0, 1, 1, 0]; // predicted: 0, 1, 2, 0

    [TestMethod]
    public void Accuracy() => Assert.AreEqual(0.75, Compute(ValidationMetric.Accuracy, Logits, Labels, 3));

    [TestMethod]
    public void MacroF1()
    {
        // F1: class 0 = 1; class 1: P 1, R 1/2 → 2/3; class 2: 0.
        Assert.AreEqual((1 + 2 / 3.0 + 0) / 3, Compute(ValidationMetric.MacroF1, Logits, Labels, 3), 1e-12);
        // A fourth class that is neither label nor prediction does not count.
        float[] four = [.. Logits.Chunk(3).SelectMany(row => (float[])[.. row, -100])];
        Assert.AreEqual((1 + 2 / 3.0 + 0) / 3, Compute(ValidationMetric.MacroF1, four, Labels, 4), 1e-12);
    }

    [TestMethod]
    public void LogLoss()
    {
        double expected = -Math.Log(Math.Exp(2) / (Math.Exp(2) + Math.Exp(1) + 1)) - Math.Log(Math.Exp(3) / (1 + Math.Exp(3) + Math.Exp(1)))
            - Math.Log(1 / (Math.Exp(1) + 1 + Math.Exp(2))) - Math.Log(Math.Exp(5) / (Math.Exp(5) + 2 * Math.Exp(1)));
        Assert.AreEqual(expected / 4, Compute(ValidationMetric.LogLoss, Logits, Labels, 3), 1e-12);
        Assert.AreEqual(2000, Compute(ValidationMetric.LogLoss, [1000, -1000], [1], 2), 1e-9, "large logits must not overflow");
    }

    [TestMethod]
    public void AreaUnderRocCurve()
    {
        // Scores 0.1 −, 0.4 −, 0.35 +, 0.8 +: three of four pairs are in order.
        Assert.AreEqual(0.75, Compute(ValidationMetric.AreaUnderRocCurve, [0, 0.1f, 0, 0.4f, 0, 0.35f, 0, 0.8f], [0, 0, 1, 1], 2), 1e-12);
        Assert.AreEqual(0.5, Compute(ValidationMetric.AreaUnderRocCurve, [0, 1, 0, 1, 0, 1], [0, 1, 1], 2), 1e-12, "ties count half");
    }

    [TestMethod]
    public void AgreesWithMLNetsEvaluators()
    {
        var random = new Random(3);
        const int rows = 400;
        var ml = new MLContext(1);
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.Next(3))];
        float[] logits = [.. labels.SelectMany(label => Enumerable.Range(0, 3).Select(c => MathF.Round((float)random.NextDouble() * 3, 1) + (c == label ? 0.7f : 0)))];
        MulticlassClassificationMetrics multi = ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row =>
        {
            float[] scores = logits[(3 * row)..(3 * row + 3)];
            double total = scores.Sum(score => Math.Exp(score));
            return new MultiRow { Label = (uint)labels[row], Score = [.. scores.Select(score => (float)(Math.Exp(score) / total))], PredictedLabel = (uint)Array.IndexOf(scores, scores.Max()) };
        })));
        Assert.AreEqual(multi.MicroAccuracy, Compute(ValidationMetric.Accuracy, logits, labels, 3), 1e-12);
        Assert.AreEqual(multi.LogLoss, Compute(ValidationMetric.LogLoss, logits, labels, 3), 1e-6);

        int[] binary = [.. labels.Select(label => Math.Min(label, 1))];
        float[] pairs = [.. Enumerable.Range(0, rows).SelectMany(row => logits[(3 * row)..(3 * row + 2)])];
        BinaryClassificationMetrics two = ml.BinaryClassification.EvaluateNonCalibrated(ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row =>
            new BinaryRow { Label = binary[row] == 1, Score = pairs[2 * row + 1] - pairs[2 * row], PredictedLabel = pairs[2 * row + 1] > pairs[2 * row] })));
        Assert.AreEqual(two.AreaUnderRocCurve, Compute(ValidationMetric.AreaUnderRocCurve, pairs, binary, 2), 1e-9);
        double f1 = two.F1Score, accuracy = two.Accuracy;
        Assert.AreEqual(accuracy, Compute(ValidationMetric.Accuracy, pairs, binary, 2), 1e-12);
        // ML.NET gives the F1 of class 1; that of class 0 follows from its recall and precision.
        double f0 = 2 * two.NegativePrecision * two.NegativeRecall / (two.NegativePrecision + two.NegativeRecall);
        Assert.AreEqual((f0 + f1) / 2, Compute(ValidationMetric.MacroF1, pairs, binary, 2), 1e-9);
    }

    [TestMethod]
    public void WhatCannotBeComputedIsAnError()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Compute(ValidationMetric.Accuracy, [], [], 2));
        Assert.ThrowsExactly<ArgumentException>(() => Compute(ValidationMetric.Accuracy, [1, 2, 3], [0], 2));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Compute(ValidationMetric.AreaUnderRocCurve, [1, 2, 3], [0], 3)).Message, "two classes");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Compute(ValidationMetric.AreaUnderRocCurve, [1, 2, 3, 4], [1, 1], 2)).Message, "both classes");
    }

    [TestMethod]
    public void TheValidatorPassesTheMetricOn()
    {
        int polls = 0;
        var validator = new ClassificationValidator(check => { check(); return Logits; }, Labels, 3, ValidationMetric.LogLoss);
        Assert.AreEqual(Compute(ValidationMetric.LogLoss, Logits, Labels, 3), validator.Evaluate(() => polls++));
        Assert.AreEqual(1, polls);
        Assert.IsFalse(validator.HigherIsBetter);
        Assert.IsTrue(new ClassificationValidator(_ => Logits, Labels, 3, ValidationMetric.MacroF1).HigherIsBetter);
    }

    private static double Compute(ValidationMetric metric, float[] logits, int[] labels, int classes) => ClassificationMetrics.Compute(metric, logits, labels, classes);

    private sealed class MultiRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [KeyType(3)]
        public uint PredictedLabel { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class BinaryRow
    {
        public bool Label { get; set; }

        public float Score { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
