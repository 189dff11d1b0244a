namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class HypervolumeTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void EqualsTheNumberOfCells(int objectives)
    {
        int reference = objectives == 5 ? 5 : 6;
        double[] corner = [.. Enumerable.Repeat((double)reference, objectives)];
        for (int seed = 0; seed < 20; seed++)
        {
            double[][] points = ParetoPoints.Random(seed, 12, objectives, levels: 8); // some beyond the reference
            Assert.AreEqual(ParetoPoints.CountCells(points, reference), Hypervolume.Of(points, corner), 1e-9, $"seed {seed}");
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void ImprovementIsTheDifferenceAndTheSumOverBoxes(int objectives)
    {
        double[] reference = [.. Enumerable.Repeat(6.0, objectives)];
        for (int seed = 0; seed < 20; seed++)
        {
            double[][] points = ParetoPoints.Random(seed, 8, objectives, levels: 8);
            var boxes = new NondominatedBoxes(points, reference);
            foreach (double[] added in ParetoPoints.Random(seed + 100, 10, objectives, levels: 8))
            {
                double expected = Hypervolume.Of([.. points, added], reference) - Hypervolume.Of(points, reference);
                Assert.AreEqual(expected, Hypervolume.Improvement(points, added, reference), 1e-9);
                Assert.AreEqual(expected, boxes.Improvement(added), 1e-9);
                Assert.AreEqual(expected > 0, boxes.Shift(added, reference) > 0);
            }
        }
    }

    [TestMethod]
    public void OfNothingItIsZero()
    {
        Assert.AreEqual(0, Hypervolume.Of([], [1, 1]));
        Assert.AreEqual(0, Hypervolume.Of([[1, 0]], [1, 1]), "a point on the boundary adds nothing");
        Assert.AreEqual(0.25, new NondominatedBoxes([], [1, 1]).Improvement([0.5, 0.5]));
    }

    [TestMethod]
    public void GreedySubsetsReachTheirBound()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            double[][] points = ParetoPoints.Random(seed, 9, 3);
            double[] reference = [6, 6, 6];
            int[] chosen = Hypervolume.Subset(points, 3, reference);
            Assert.AreEqual(3, chosen.Distinct().Count());
            double best = 0;
            for (int a = 0; a < 9; a++)
                for (int b = a + 1; b < 9; b++)
                    for (int c = b + 1; c < 9; c++)
                        best = Math.Max(best, Hypervolume.Of([points[a], points[b], points[c]], reference));
            Assert.IsGreaterThanOrEqualTo((1 - 1 / Math.E) * best, Hypervolume.Of([.. chosen.Select(i => points[i])], reference));
        }
    }
}
