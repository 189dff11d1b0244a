using CsCheck;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class StratifiedSplitTests
{
    [TestMethod]
    public void ClassesKeepTheirSharesAndRowsStayWhole() =>
        Gen.Select(Gen.Int[2, 60].Array[1, 8], Gen.Double[0.01, 0.99], Gen.Int).Sample((counts, fraction, seed) =>
        {
            int[] labels = [.. counts.SelectMany((count, label) => Enumerable.Repeat(label, count))];
            new Random(seed).Shuffle(labels);
            (int[] train, int[] heldOut) = StratifiedSplit.Create(labels, fraction, seed);
            (int[] again, _) = StratifiedSplit.Create(labels, fraction, seed);
            return train.Concat(heldOut).Order().SequenceEqual(Enumerable.Range(0, labels.Length))
                && train.SequenceEqual(again)
                && counts.Select((count, label) => (count, held: heldOut.Count(row => labels[row] == label)))
                    .All(c => c.held >= 1 && c.held < c.count && (Math.Abs(c.held - fraction * c.count) <= 0.5 + 1e-9 || c.held == 1 || c.held == c.count - 1));
        }, iter: 200, threads: 1);

    [TestMethod]
    public void TheSeedDecidesWhichRows()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 3)];
        CollectionAssert.AreNotEqual(StratifiedSplit.Create(labels, 0.2, 1).HeldOut, StratifiedSplit.Create(labels, 0.2, 2).HeldOut);
    }

    [TestMethod]
    public void ImpossibleSplitsSayWhy()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => StratifiedSplit.Create([0, 0, 7, 0], 0.5, 1)).Message, "Class 7 has a single row (row 2)");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => StratifiedSplit.Create([], 0.5, 1)).Message, "no rows");
        foreach (double fraction in new[] { 0, 1, -0.1, double.NaN })
            Assert.ThrowsExactly<ArgumentException>(() => StratifiedSplit.Create([0, 0], fraction, 1));
    }
}
