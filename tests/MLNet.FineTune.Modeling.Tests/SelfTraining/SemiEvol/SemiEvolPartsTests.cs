using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class SemiEvolPartsTests
{
    [TestMethod]
    public void NeighboursCountByTheirCosines()
    {
        // Cosines with (1, 0): 1, 0.8 and -1; two neighbours.
        PseudoLabels labels = NeighborLabels.Of([1, 0], [2, 0, 0.8f, 0.6f, -1, 0], [1, 0, 0], width: 2, classCount: 2, neighbors: 2, temperature: 0.1);
        double far = Math.Exp(-0.2 / 0.1);
        Assert.AreEqual(1 / (1 + far), labels[0][1], 1e-5);
        Assert.AreEqual(far / (1 + far), labels[0][0], 1e-5);
    }

    [TestMethod]
    public void PredictionsAreMixedWithNeighbours()
    {
        PseudoLabels mean = Collaboration.Mean([new PseudoLabels([0.9f, 0.1f], 2), new PseudoLabels([0.7f, 0.3f], 2)], new PseudoLabels([0, 1], 2), weight: 0.25);
        Assert.AreEqual(0.75 * 0.8, mean[0][0], 1e-6);
        Assert.AreEqual(0.75 * 0.2 + 0.25, mean[0][1], 1e-6);
    }

    [TestMethod]
    public void WhatIsAgreedOnAndTheSurestOfTheRestIsKept()
    {
        // Row 1 is agreed on; of the others row 2 has the surest mean.
        var first = new PseudoLabels([0.9f, 0.1f, 0.6f, 0.4f, 0.9f, 0.1f, 0.6f, 0.4f], 2);
        var second = new PseudoLabels([0.1f, 0.9f, 0.6f, 0.4f, 0.45f, 0.55f, 0.4f, 0.6f], 2);
        PseudoLabels mean = Collaboration.Mean([first, second], first, weight: 0);
        CollectionAssert.AreEqual(new[] { 1, 2 }, Collaboration.Select([first, second], mean, disputedShare: 0.4));
        CollectionAssert.AreEqual(new[] { 1 }, Collaboration.Select([first, second], mean, disputedShare: 0));
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, Collaboration.Select([first, second], mean, disputedShare: 1));
    }
}
