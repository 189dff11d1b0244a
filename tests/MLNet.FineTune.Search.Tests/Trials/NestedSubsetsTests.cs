namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
public sealed class NestedSubsetsTests
{
    [TestMethod]
    public void BeginningsOfTheOrderKeepTheClasses()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(row => row < 60 ? 0 : row < 95 ? 1 : 2)];
        int[] order = NestedSubsets.Order(labels, seed: 3);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 100).ToArray(), order);
        CollectionAssert.AreEquivalent((int[])[0, 1, 2], order[..3].Select(row => labels[row]).ToArray());
        foreach (int size in (int[])[20, 40, 80])
            for (int label = 0; label < 3; label++)
                Assert.AreEqual(size * labels.Count(other => other == label) / 100.0, order[..size].Count(row => labels[row] == label), 1.5);
        CollectionAssert.AreNotEqual(order, NestedSubsets.Order(labels, seed: 4));
    }

    [TestMethod]
    public void SharesAreAscendingRowsOfWhichEachHoldsTheOneBefore()
    {
        int[] order = NestedSubsets.Order([.. Enumerable.Range(0, 90).Select(row => row % 3)], seed: 3);
        int[] ninth = DataRungs.Rows(order, 1 / 9.0), third = DataRungs.Rows(order, 1 / 3.0);
        Assert.HasCount(10, ninth);
        Assert.HasCount(30, third);
        CollectionAssert.AreEqual(third.Order().ToArray(), third);
        CollectionAssert.IsSubsetOf(ninth, third);
        Assert.HasCount(1, DataRungs.Rows(order, 0.001));
    }
}
