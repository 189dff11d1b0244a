namespace MLNet.FineTune.Search.Tests.Pareto;

[TestClass]
public sealed class EpsilonNetTests
{
    [TestMethod]
    public void RanksComeOneAfterTheOther()
    {
        double[][] points = ParetoPoints.Random(seed: 4, count: 40, objectives: 3);
        int[] order = EpsilonNet.Order(points), ranks = NondominatedSorting.Ranks(points);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 40).ToArray(), order);
        CollectionAssert.AreEqual(ranks.Order().ToArray(), order.Select(i => ranks[i]).ToArray());
    }

    [TestMethod]
    public void EachIsTheFarthestFromThoseBefore()
    {
        // A front: places are 0 to 8 in one cost and 8 to 0 in the other, whatever the units.
        double[][] points = [.. Enumerable.Range(0, 9).Select(i => new[] { i, Math.Pow(1000, 8 - i) })];
        int[] order = EpsilonNet.Order(points);
        CollectionAssert.AreEqual((int[])[0, 8, 4, 2, 6], order[..5]);
    }

    [TestMethod]
    public void TheFirstOfEqualsIsTheBestInTheFirstCost()
    {
        double[][] points = [[2, 0], [1, 1], [1, 1], [0, 2]];
        CollectionAssert.AreEqual((int[])[3, 0, 1, 2], EpsilonNet.Order(points));
    }
}
