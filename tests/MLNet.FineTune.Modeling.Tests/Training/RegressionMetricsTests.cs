using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class RegressionMetricsTests
{
    private static readonly float[] Targets = [1, 2, 3, 4], Predicted = [1, 3, 2, 6];

    [TestMethod]
    public void AreTheTextbooks()
    {
        // Errors 0, 1, -1, 2; deviations from the mean 2.5: 2.25 + 0.25 + 0.25 + 2.25.
        Assert.AreEqual(Math.Sqrt(1.5), RegressionMetrics.Compute(ValidationMetric.RootMeanSquaredError, Predicted, Targets), 1e-12);
        Assert.AreEqual(1 - 6 / 5.0, RegressionMetrics.Compute(ValidationMetric.RSquared, Predicted, Targets), 1e-12);
        // Ranks differ by 0, 1, 1, 0: 1 - 6·2 / (4·15).
        Assert.AreEqual(0.8, RegressionMetrics.Compute(ValidationMetric.SpearmanCorrelation, Predicted, Targets), 1e-12);
    }

    /// <summary>Ties share the mean of their ranks: 1, 2.5, 2.5, 4 against 1, 2, 3, 4 has covariance 4.5 and variances 4.5 and 5.</summary>
    [TestMethod]
    public void TiesShareTheirRank() =>
        Assert.AreEqual(4.5 / Math.Sqrt(4.5 * 5), RegressionMetrics.Compute(ValidationMetric.SpearmanCorrelation, [0, 7, 7, 9], Targets), 1e-12);

    [TestMethod]
    public void WhatCannotBeComputedIsSaid()
    {
        Assert.IsTrue(double.IsNaN(RegressionMetrics.Compute(ValidationMetric.SpearmanCorrelation, [1, 1, 1, 1], Targets)));
        Assert.Contains("is Accuracy, a metric of classes", Assert.ThrowsExactly<ArgumentException>(() => RegressionMetrics.Require(ValidationMetric.Accuracy)).Message);
        Assert.Contains("1 predictions and 4 numbers", Assert.ThrowsExactly<ArgumentException>(() => RegressionMetrics.Compute(ValidationMetric.RSquared, [1], Targets)).Message);
        Assert.Contains("not defined for classes", Assert.ThrowsExactly<ArgumentException>(() => ClassificationMetrics.Require(ValidationMetric.RSquared, [0, 1], 2)).Message);
    }
}
