namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class SortingTests
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void TheFrontIsWhatNothingDominates(int objectives)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            double[][] points = ParetoPoints.Random(seed, 25, objectives);
            int[] expected = [.. Enumerable.Range(0, points.Length).Where(i => !points.Any(other => ParetoPoints.Dominates(other, points[i])))];
            CollectionAssert.AreEqual(expected, Dominance.Front(points));
            CollectionAssert.AreEquivalent(expected.Select(i => string.Join(',', points[i])).Distinct().ToArray(), Dominance.FrontPoints(points).Select(point => string.Join(',', point)).ToArray());
        }
    }

    [TestMethod]
    public void RanksPeelFronts()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            double[][] points = ParetoPoints.Random(seed, 30, 2 + seed % 3);
            int[] ranks = NondominatedSorting.Ranks(points);
            List<int> remaining = [.. Enumerable.Range(0, points.Length)];
            for (int rank = 0; remaining.Count > 0; rank++)
            {
                int[] front = [.. remaining.Where(i => !remaining.Any(j => ParetoPoints.Dominates(points[j], points[i])))];
                Assert.IsTrue(front.All(i => ranks[i] == rank));
                remaining = [.. remaining.Except(front)];
            }
        }
    }

    [TestMethod]
    public void CrowdingDistanceByHand()
    {
        // Ranges 10 and 10: for the second point (4 - 0)/10 + (10 - 2)/10.
        double[] distances = CrowdingDistance.Of([[0, 10], [1, 5], [4, 2], [10, 0]]);
        Assert.AreEqual(double.PositiveInfinity, distances[0]);
        Assert.AreEqual(1.2, distances[1], 1e-12);
        Assert.AreEqual(0.9 + 0.5, distances[2], 1e-12);
        Assert.AreEqual(double.PositiveInfinity, distances[3]);
    }

    [TestMethod]
    public void TheBestAreOfLowRankAndFarApart()
    {
        double[][] points = [[0, 10], [1, 5], [4, 2], [10, 0], [11, 11]];
        CollectionAssert.AreEquivalent(new[] { 0, 2, 3 }, NondominatedSorting.Best(points, 3));
        Assert.AreEqual(4, NondominatedSorting.Best(points, 5)[^1]);
    }
}
