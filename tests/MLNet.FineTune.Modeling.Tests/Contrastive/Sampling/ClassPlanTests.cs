using MathNet.Numerics.Distributions;
using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.Tests.Contrastive;

[TestClass]
public sealed class ClassPlanTests
{
    [TestMethod]
    [DataRow(6, 8, 16)]
    [DataRow(3, 10, 12)]
    [DataRow(2, 7, 32)]
    public void Pairs_of_one_class_and_pairs_of_two_are_each_uniformly_distributed(int classes, int perClass, int batchSize)
    {
        int count = classes * perClass;
        int[] labels = [.. Enumerable.Range(0, count).Select(row => row % classes)];
        LabelRelation relation = LabelRelation.Of(labels, classes);
        var plan = new ClassPlan(relation, textsPerClass: 4, batchSize, pairs: 6000, seed: 7);
        var drawn = new double[count, count];
        double like = 0, unlike = 0;
        for (int epoch = 0; epoch < 4; epoch++)
            foreach (int[] batch in plan.Batches(epoch))
            {
                bool[] alike = relation.Alike(batch);
                float[] weights = plan.Weights(batch, alike);
                for (int i = 0; i < batch.Length; i++)
                    for (int j = i + 1; j < batch.Length; j++)
                    {
                        drawn[Math.Min(batch[i], batch[j]), Math.Max(batch[i], batch[j])]++;
                        if (alike[i * batch.Length + j])
                            like += weights[i * batch.Length + j];
                        else
                            unlike += weights[i * batch.Length + j];
                    }
            }
        Assert.AreEqual(1, like / unlike, 1e-4, "Both kinds weigh the same.");
        double[][] kinds =
        [
            [.. Pairs(count).Where(pair => labels[pair.I] == labels[pair.J]).Select(pair => drawn[pair.I, pair.J])],
            [.. Pairs(count).Where(pair => labels[pair.I] != labels[pair.J]).Select(pair => drawn[pair.I, pair.J])],
        ];
        foreach (double[] observed in kinds)
        {
            double expected = observed.Average(), statistic = observed.Sum(value => (value - expected) * (value - expected) / expected);
            // Rounds without replacement make the counts more even than independent draws: only too uneven is wrong.
            Assert.IsLessThan(0.999, ChiSquared.CDF(observed.Length - 1, statistic), $"χ² = {statistic} over {observed.Length} pairs.");
        }
    }

    [TestMethod]
    public void Hundreds_of_classes_are_met_equally_often_in_little_memory()
    {
        const int Classes = 151, PerClass = 8;
        LabelRelation relation = LabelRelation.Of([.. Enumerable.Range(0, Classes * PerClass).Select(row => row / PerClass)], Classes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var plan = PairPlan.Create(relation, new PairSampling { Iterations = 20 }, batchSize: 32, seed: 1);
        var met = new int[Classes];
        foreach (int[] batch in plan.Batches(0))
            foreach (int text in batch)
                met[text / PerClass]++;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThanOrEqualTo(PerClass, met.Max() - met.Min());
        // Twice 20 pairs a text, never written down; all pairs of two texts would be 729,028.
        Assert.IsGreaterThan(20 * relation.Count / 112 - 2, plan.BatchesPerEpoch);
        Assert.IsLessThan(2_000_000L, allocated, "All pairs as numbers would be 5.8 MB.");
    }

    [TestMethod]
    [DataRow(PairSamplingStrategy.Oversampling, 960)]
    [DataRow(PairSamplingStrategy.Undersampling, 168)]
    public void A_strategy_decides_how_many_pairs_an_epoch_has(PairSamplingStrategy strategy, int ofOneClass)
    {
        LabelRelation relation = LabelRelation.Of([.. Enumerable.Range(0, 48).Select(row => row % 6)], 6);
        PairPlan plan = PairPlan.Create(relation, new PairSampling { Iterations = null, Strategy = strategy }, batchSize: 32, seed: 1);
        // A step of four classes with eight texts has 112 pairs of one class.
        Assert.AreEqual((int)Math.Ceiling(ofOneClass / 112.0), plan.BatchesPerEpoch);
        PairPlan capped = PairPlan.Create(relation, new PairSampling { Iterations = null, Strategy = strategy, MaxPairs = 224 }, batchSize: 32, seed: 1);
        Assert.AreEqual(1, capped.BatchesPerEpoch);
    }

    [TestMethod]
    public void Texts_of_several_classes_or_of_none_take_part()
    {
        LabelRelation relation = LabelRelation.Of([[0], [0, 1], [1], [], [2], [2, 0], [1, 2], []], 3);
        Assert.IsTrue(relation.Alike(0, 1));
        Assert.IsTrue(relation.Alike(5, 6));
        Assert.IsFalse(relation.Alike(0, 2));
        Assert.IsFalse(relation.Alike(3, 7), "Texts without class are like no other.");
        Assert.AreEqual(Pairs(8).Count(pair => relation.Alike(pair.I, pair.J)), relation.AlikePairs());
        var plan = new ClassPlan(relation, 2, 6, pairs: 400, seed: 2);
        int[] seen = [.. plan.Batches(0).SelectMany(batch => batch).Distinct().Order()];
        CollectionAssert.AreEqual(Enumerable.Range(0, 8).ToArray(), seen);
    }

    /// <summary>With one example a class there are only pairs of different classes, and a step has as many of them as it can.</summary>
    [TestMethod]
    [DataRow(2, 1)]
    [DataRow(6, 1)]
    [DataRow(16, 2)]
    [DataRow(40, 2)]
    public void Classes_of_few_texts_fill_a_step(int classes, int perClass)
    {
        const int BatchSize = 32;
        int count = classes * perClass;
        LabelRelation relation = LabelRelation.Of([.. Enumerable.Range(0, count).Select(row => row / perClass)], classes);
        PairPlan plan = PairPlan.Create(relation, new PairSampling(), BatchSize, seed: 1);
        foreach (int[] batch in plan.Batches(0))
        {
            Assert.HasCount(Math.Min(BatchSize, count), batch);
            Assert.AreEqual(1, plan.Weights(batch, relation.Alike(batch)).Sum(), 1e-4);
        }
        int pairs = Math.Min(BatchSize, count) * (Math.Min(BatchSize, count) - 1) / 2, alike = perClass == 1 ? pairs : Math.Min(BatchSize, count) / 2;
        Assert.AreEqual(Math.Ceiling(20.0 * count / alike), plan.BatchesPerEpoch);
    }

    /// <summary>Texts that are alone in their class do not make the pairs of the others more frequent.</summary>
    [TestMethod]
    public void Each_text_that_has_a_like_one_is_in_as_many_pairs_as_asked_for()
    {
        LabelRelation relation = LabelRelation.Of([.. Enumerable.Range(0, 78).Select(row => Math.Max(0, row - 1))], 77);
        Assert.AreEqual(2, relation.WithLike);
        PairPlan plan = PairPlan.Create(relation, new PairSampling { Iterations = 20 }, batchSize: 32, seed: 1);
        Assert.IsLessThanOrEqualTo(40, plan.BatchesPerEpoch, "20 pairs for each of two texts, at most one a step");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void The_smallest_step_has_pairs_of_both_kinds(int batchSize)
    {
        LabelRelation relation = LabelRelation.Of([.. Enumerable.Range(0, 24).Select(row => row % 3)], 3);
        PairPlan plan = PairPlan.Create(relation, new PairSampling { Iterations = 2 }, batchSize, seed: 1);
        foreach (int[] batch in plan.Batches(0))
        {
            bool[] alike = relation.Alike(batch);
            CollectionAssert.AreEquivalent(new[] { true, false, false }, Pairs(batch.Length).Select(pair => alike[pair.I * batch.Length + pair.J]).ToArray());
        }
    }

    internal static IEnumerable<(int I, int J)> Pairs(int count) => from i in Enumerable.Range(0, count) from j in Enumerable.Range(i + 1, count - i - 1) select (i, j);
}
