using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.Tests.Contrastive;

[TestClass]
public sealed class ShuffledRoundsTests
{
    [TestMethod]
    [DataRow(7, 3)]
    [DataRow(8, 8)]
    [DataRow(5, 4)]
    [DataRow(2, 6)]
    public void Takes_are_of_different_items_and_all_items_come_equally_often(int items, int count)
    {
        var rounds = new ShuffledRounds([.. Enumerable.Range(0, items)], new Random(5));
        var taken = new int[items];
        for (int take = 0; take < 100; take++)
        {
            int[] batch = rounds.Take(count);
            Assert.HasCount(Math.Min(items, count), batch);
            CollectionAssert.AllItemsAreUnique(batch);
            foreach (int item in batch)
                taken[item]++;
            Assert.IsLessThanOrEqualTo(1, taken.Max() - taken.Min(), $"After {take + 1} takes: {string.Join(' ', taken)}.");
        }
    }
}
