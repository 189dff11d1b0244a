using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class LabelSetSplitTests
{
    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.25)]
    [DataRow(0.5)]
    public void Each_label_keeps_its_share_and_the_sizes_are_exact(double fraction)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int[][] sets = [.. Enumerable.Range(0, 120).Select(_ => Enumerable.Range(0, 5).Where(label => random.Next(label + 2) == 0).ToArray())];
            (int[] train, int[] held) = LabelSetSplit.Create(sets, fraction, seed);
            CollectionAssert.AreEqual(Enumerable.Range(0, 120).ToArray(), train.Concat(held).Order().ToArray());
            Assert.HasCount((int)Math.Round(120 * fraction), held);
            for (int label = 0; label < 5; label++)
                Assert.AreEqual(fraction * sets.Count(set => set.Contains(label)), held.Count(row => sets[row].Contains(label)), 3, $"label {label}, seed {seed}");
            CollectionAssert.AreEqual(held, LabelSetSplit.Create(sets, fraction, seed).HeldOut);
        }
    }

    [TestMethod]
    public void Rows_without_labels_and_labels_of_one_row_can_be_split()
    {
        (int[] train, int[] held) = LabelSetSplit.Create([[], [3], [], [0, 3], []], 0.4, 1);
        Assert.HasCount(3, train);
        Assert.HasCount(2, held);
    }

    [TestMethod]
    public void What_cannot_be_split_is_refused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => LabelSetSplit.Create([[0]], 0.5, 1)).Message, "1 rows");
        Assert.ThrowsExactly<ArgumentException>(() => LabelSetSplit.Create([[0], [1]], 1, 1));
    }
}
