using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class RegressionObjectiveTests
{
    private static readonly float[] Targets = [10, 20, 30, 60];

    [TestMethod]
    public void IsTheSquaredErrorOfTheScaledNumbers()
    {
        using var scope = NewDisposeScope();
        // Mean 30, variance (400 + 100 + 0 + 900) / 4.
        TargetScale scale = TargetScale.Of(Targets);
        Assert.AreEqual(30, scale.Mean, 1e-5);
        Assert.AreEqual(Math.Sqrt(350), scale.Deviation, 1e-5);
        Assert.AreEqual(20, scale.Restored(scale.Scaled(20)), 1e-5);

        float[] given = [0.5f, -1f, 0.25f];
        int[] rows = [3, 0, 2];
        double[] squared = [.. rows.Zip(given, (row, output) => Math.Pow(output - (Targets[row] - 30) / Math.Sqrt(350), 2))];
        var plain = new RegressionObjective(_ => tensor(given).unsqueeze(1), Targets, scale);
        Assert.AreEqual(squared.Average(), plain.Loss(rows).item<float>(), 1e-5);
        Assert.AreEqual(3, plain.Weight(rows));

        float[] weights = [2, 9, 0.5f, 1];
        var weighted = new RegressionObjective(_ => tensor(given).unsqueeze(1), Targets, scale, weights, () => tensor(0.25f));
        Assert.AreEqual((squared[0] * 1 + squared[1] * 2 + squared[2] * 0.5) / 3.5 + 0.25, weighted.Loss(rows).item<float>(), 1e-5);
        Assert.AreEqual(3.5, weighted.Weight(rows));

        // 1·0.25 + 2·4 + 0.5·1 over 3.5.
        Assert.AreEqual((0.25 + 8 + 0.5) / 3.5, weighted.Divergence(tensor(given).unsqueeze(1), tensor(new float[] { 1, 1, 1.25f }).unsqueeze(1), rows).item<float>(), 1e-5);
    }
}
