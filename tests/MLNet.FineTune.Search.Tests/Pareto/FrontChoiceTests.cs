namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class FrontChoiceTests
{
    private static readonly double[][] Points = [[0.10, 1000], [0.11, 200], [0.12, 100], [0.50, 10], [0.60, 900]];

    [TestMethod]
    public void TheKneeIsWhereTheFrontBends()
    {
        Assert.AreEqual(2, FrontChoice.Knee(Points));
        Assert.AreEqual(0, FrontChoice.Knee([[1, 1]]));
    }

    [TestMethod]
    public void TheKneeIsFarthestFromTheChord()
    {
        // x·y = 1 from 1/4 to 4 is symmetric: the knee lies on the diagonal.
        double[][] hyperbola = [.. Enumerable.Range(0, 33).Select(i => Math.Pow(2, (i - 16) / 8.0)).Select(x => new[] { x, 1 / x })];
        Assert.AreEqual(16, FrontChoice.Knee(hyperbola));
    }

    [TestMethod]
    public void ABudgetLimitsTheCost()
    {
        Assert.AreEqual(0, FrontChoice.WithinBudget(Points, 0, 1, 1000));
        Assert.AreEqual(1, FrontChoice.WithinBudget(Points, 0, 1, 999));
        Assert.AreEqual(3, FrontChoice.WithinBudget(Points, 0, 1, 10));
        Assert.IsNull(FrontChoice.WithinBudget(Points, 0, 1, 9));
        Assert.AreEqual(1, FrontChoice.WithinBudget([[1, 5], [1, 4]], 0, 1, 5), "ties go to the cheaper");
    }

    [TestMethod]
    public void LexicographicTakesToleranceAsEqual()
    {
        Assert.AreEqual(0, FrontChoice.Lexicographic(Points, [0, 1], [0, 0]));
        Assert.AreEqual(1, FrontChoice.Lexicographic(Points, [0, 1], [0.015, 0]));
        Assert.AreEqual(2, FrontChoice.Lexicographic(Points, [0, 1], [0.025, 0]));
        Assert.AreEqual(3, FrontChoice.Lexicographic(Points, [1, 0], [0, 0]));
        Assert.ThrowsExactly<ArgumentException>(() => FrontChoice.Lexicographic(Points, [0, 1], [0]));
        Assert.ThrowsExactly<ArgumentException>(() => FrontChoice.Lexicographic([], [0], [0]));
    }
}
