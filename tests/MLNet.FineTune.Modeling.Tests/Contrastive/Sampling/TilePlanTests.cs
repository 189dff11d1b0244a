using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.Tests.Contrastive;

[TestClass]
public sealed class TilePlanTests
{
    [TestMethod]
    [DataRow(5, 32)]
    [DataRow(32, 32)]
    [DataRow(33, 32)]
    [DataRow(50, 8)]
    [DataRow(23, 7)]
    [DataRow(9, 2)]
    public void Every_pair_of_different_texts_counts_once_an_epoch(int count, int batchSize)
    {
        var plan = new TilePlan(count, batchSize, maxPairs: null, seed: 3);
        double pairs = count * (count - 1) / 2.0;
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var counted = new double[count, count];
            int[][] batches = [.. plan.Batches(epoch)];
            Assert.HasCount(plan.BatchesPerEpoch, batches);
            foreach (int[] batch in batches)
            {
                CollectionAssert.AllItemsAreUnique(batch);
                Assert.IsLessThanOrEqualTo(batchSize, batch.Length);
                float[] weights = plan.Weights(batch, new bool[batch.Length * batch.Length]);
                for (int i = 0; i < batch.Length; i++)
                    for (int j = 0; j < batch.Length; j++)
                        counted[Math.Min(batch[i], batch[j]), Math.Max(batch[i], batch[j])] += weights[i * batch.Length + j];
            }
            for (int i = 0; i < count; i++)
                for (int j = 0; j < count; j++)
                    Assert.AreEqual(i < j ? plan.BatchesPerEpoch / pairs : 0, counted[i, j], 1e-6, $"Pair {i}, {j}.");
        }
    }

    [TestMethod]
    public void A_cap_ends_the_epoch_early_with_another_selection_in_each_epoch()
    {
        var plan = new TilePlan(100, 10, maxPairs: 500, seed: 1);
        Assert.AreEqual((int)Math.Ceiling(190 * 500 / 4950.0), plan.BatchesPerEpoch);
        int[] First(int epoch) => [.. plan.Batches(epoch).SelectMany(batch => batch)];
        CollectionAssert.AreEqual(First(0), First(0));
        CollectionAssert.AreNotEqual(First(0), First(1));
    }
}
