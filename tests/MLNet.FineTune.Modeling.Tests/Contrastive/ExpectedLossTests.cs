using MLNet.FineTune.Contrastive;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive;

/// <summary>Forming all pairs of a step from embeddings made once has the expectation of drawing pairs and encoding both sides.</summary>
[TestClass]
public sealed class ExpectedLossTests
{
    private const int Classes = 4;
    private const int PerClass = 6;
    private const int Count = Classes * PerClass;
    private const int Width = 5;

    private static readonly int[] Labels = [.. Enumerable.Range(0, Count).Select(row => row % Classes)];
    private static readonly LabelRelation Relation = LabelRelation.Of(Labels, Classes);

    [TestMethod]
    public void Of_every_pair_once_the_mean_over_an_epoch_is_exactly_the_mean_over_the_pairs()
    {
        using var scope = NewDisposeScope();
        Tensor embeddings = Embeddings();
        foreach (int batchSize in new[] { 5, 8, 64 })
        {
            var plan = new TilePlan(Count, batchSize, null, seed: 1);
            double expected = ClassPlanTests.Pairs(Count).Average(pair => PairwiseLoss(embeddings, pair.I, pair.J));
            Assert.AreEqual(expected, MeanLoss(embeddings, plan, epochs: 1), 1e-5, $"Steps of {batchSize} texts.");
        }
    }

    [TestMethod]
    public void Of_a_step_with_all_texts_it_is_exactly_the_mean_over_anchors_of_one_like_and_one_unlike_partner()
    {
        using var scope = NewDisposeScope();
        Tensor embeddings = Embeddings();
        Assert.AreEqual(AnchorExpectation(embeddings), MeanLoss(embeddings, new ClassPlan(Relation, PerClass, Count, pairs: 2, seed: 1), epochs: 1), 1e-5);
    }

    [TestMethod]
    public void Of_small_steps_it_is_the_same_on_average()
    {
        using var scope = NewDisposeScope();
        Tensor embeddings = Embeddings();
        double expected = AnchorExpectation(embeddings);
        Assert.AreEqual(expected, MeanLoss(embeddings, new ClassPlan(Relation, 3, 9, pairs: 4000, seed: 1), epochs: 3), 0.01 * expected);
    }

    private static double AnchorExpectation(Tensor embeddings) => Enumerable.Range(0, Count).Average(i =>
        Enumerable.Range(0, Count).Where(j => j != i).GroupBy(j => Labels[i] == Labels[j]).Average(kind => kind.Average(j => PairwiseLoss(embeddings, i, j))));

    private static double MeanLoss(Tensor embeddings, PairPlan plan, int epochs)
    {
        var objective = new ContrastiveObjective(rows => embeddings.index_select(0, tensor([.. rows.Select(row => (long)row)])), Relation, plan, new CosineSimilarityLoss());
        return Enumerable.Range(0, epochs).SelectMany(plan.Batches).Average(batch =>
        {
            using var step = NewDisposeScope();
            return objective.Loss(batch).item<float>();
        });
    }

    /// <summary>What encoding both sides of one pair gives.</summary>
    private static double PairwiseLoss(Tensor embeddings, int i, int j)
    {
        using var scope = NewDisposeScope();
        float[] a = embeddings[i].data<float>().ToArray(), b = embeddings[j].data<float>().ToArray();
        double dot = a.Zip(b, (x, y) => (double)x * y).Sum(), norms = Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
        double difference = dot / norms - (Labels[i] == Labels[j] ? 1 : 0);
        return difference * difference;
    }

    private static Tensor Embeddings()
    {
        using var generator = new Generator(9, CPU);
        return randn([Count, Width], generator: generator);
    }
}
