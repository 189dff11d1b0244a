using MLNet.FineTune.SelfTraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class SoftLabelObjectiveTests
{
    /// <summary>Probabilities (1, 3) / 4 and (1, 1) / 2 at temperature 1.</summary>
    private static readonly float[] Logits = [0, MathF.Log(3), 2, 2];

    private static readonly float[] Targets = [0.25f, 0.75f, 1, 0];

    private static readonly double First = -(0.25 * Math.Log(0.25) + 0.75 * Math.Log(0.75));

    [TestMethod]
    public void IsTheMeanCrossEntropy()
    {
        using var scope = NewDisposeScope();
        Assert.AreEqual((First + Math.Log(2)) / 2, Loss(), 1e-6);
    }

    [TestMethod]
    public void RowsCountByTheirWeights()
    {
        using var scope = NewDisposeScope();
        Assert.AreEqual((3 * First + Math.Log(2)) / 4, Loss(weights: [3, 1]), 1e-6);
    }

    [TestMethod]
    public void ATemperatureIsUndoneInTheSizeOfTheGradients()
    {
        using var scope = NewDisposeScope();
        // Row 1 at τ = 2: probabilities (1, √3) / (1 + √3).
        double p = 1 / (1 + Math.Sqrt(3));
        double expected = (-4 * (0.25 * Math.Log(p) + 0.75 * Math.Log(1 - p)) + Math.Log(2)) / 2;
        Assert.AreEqual(expected, Loss(temperatures: [2, 1]), 1e-6);
    }

    private static double Loss(float[]? weights = null, float[]? temperatures = null) =>
        new SoftLabelObjective(_ => tensor(Logits, [2, 2]), Targets, 2, weights, temperatures).Loss([0, 1]).item<float>();
}
