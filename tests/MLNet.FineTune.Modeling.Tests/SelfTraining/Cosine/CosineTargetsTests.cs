using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class CosineTargetsTests
{
    [TestMethod]
    public void SharpensByHandComputedExample()
    {
        // f = (0.8 + 0.5, 0.2 + 0.5) = (1.3, 0.7).
        float[] sharp = CosineTargets.Sharpen([0.8f, 0.2f, 0.5f, 0.5f], 2, power: 2);
        double a = 0.64 / 1.3, b = 0.04 / 0.7, c = 0.25 / 1.3, d = 0.25 / 0.7;
        float[] expected = [(float)(a / (a + b)), (float)(b / (a + b)), (float)(c / (c + d)), (float)(d / (c + d))];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(expected[i], sharp[i], 1e-6);
        // The rarer class gains in the undecided row.
        Assert.IsGreaterThan(0.5f, sharp[3]);
    }

    [TestMethod]
    public void AClassThatNoRowGivesAnythingStaysAtZero() =>
        CollectionAssert.AreEqual(new[] { 1f, 0, 1, 0 }, CosineTargets.Sharpen([1, 0, 1, 0], 2, power: 2));

    [TestMethod]
    public void WeightsAreOneLessTheNormalisedEntropy()
    {
        float[] weights = CosineTargets.FromLabels(new PseudoLabels([1, 0, 0.5f, 0.5f, 0.9f, 0.1f], 2)).Weights;
        Assert.AreEqual(1, weights[0], 1e-6);
        Assert.AreEqual(0, weights[1], 1e-6);
        Assert.AreEqual(1 + (0.9 * Math.Log2(0.9) + 0.1 * Math.Log2(0.1)), weights[2], 1e-6);
    }

    [TestMethod]
    public void TextsAboveTheThresholdAreCertain()
    {
        CosineTargets targets = CosineTargets.FromLabels(new PseudoLabels([1, 0, 0.5f, 0.5f, 0.9f, 0.1f], 2));
        CollectionAssert.AreEqual(new[] { 2, 0 }, targets.Certain([2, 1, 0], 0.5));
        CollectionAssert.AreEqual(new[] { 0 }, targets.Certain([2, 1, 0], 0.6));
    }

    [TestMethod]
    public void ABatchOfOneClassIsNotTurnedRound()
    {
        // Half of the texts are of each class; a batch that holds the first half alone would find its class frequent, and take text 0 for the other one.
        float[] first = [.. Enumerable.Repeat(new[] { 0.6f, 0.4f }, 1).Concat(Enumerable.Repeat(new[] { 0.95f, 0.05f }, 9)).SelectMany(row => row)];
        float[] all = [.. first, .. first.Chunk(2).SelectMany(row => new[] { row[1], row[0] })];
        Assert.IsLessThan(0.5f, CosineTargets.Sharpen(first, 2, power: 2)[0]);
        CosineTargets targets = CosineTargets.Of(new PseudoLabels(all, 2), power: 2);
        Assert.AreEqual(0.36 / (0.36 + 0.16), targets.Labels[0][0], 1e-6);
    }
}
