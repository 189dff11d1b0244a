using MLNet.FineTune.Contrastive;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Modeling.Tests.Contrastive.Distillation;

[TestClass]
public sealed class DistillationTests
{
    /// <summary>With all texts in a step the loss is the mean over all pairs, each once.</summary>
    [TestMethod]
    public void The_loss_of_a_step_is_the_mean_squared_difference_of_cosines_over_its_pairs()
    {
        double[][] student = [[1, 0], [1, 1], [0, 2], [-1, 0.5]];
        double[][] teacher = [[1, 2, 0], [0, 1, 1], [3, 0, 0], [0, 0, 1]];
        (int, int)[] pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        double expected = pairs.Average(pair => Math.Pow(Cosine(student[pair.Item1], student[pair.Item2]) - Cosine(teacher[pair.Item1], teacher[pair.Item2]), 2));
        Assert.AreEqual(expected, Loss(student, teacher, order: [0, 1, 2, 3]), 1e-6);
        Assert.AreEqual(expected, Loss(student, teacher, order: [3, 1, 0, 2]), 1e-6);
    }

    /// <summary>Width and length of the embeddings do not matter, nor does how they are turned.</summary>
    [TestMethod]
    public void A_student_that_is_turned_and_scaled_has_nothing_to_learn()
    {
        double[][] teacher = [[1, 2], [0, 1], [3, -1]];
        double[][] student = [.. teacher.Select(v => (double[])[2 * v[1], 0, -2 * v[0]])];
        Assert.AreEqual(0, Loss(student, teacher, order: [0, 1, 2]), 1e-10);
    }

    /// <summary>Over an epoch every pair counts once, whatever its steps; a limit makes the epoch shorter.</summary>
    [TestMethod]
    public void An_epoch_has_each_pair_once_up_to_the_number_asked_for()
    {
        const int Texts = 23;
        PairPlan plan = DistillationObjective.Plan(Texts, new PairSampling { Iterations = null }, batchSize: 8, seed: 4);
        var counts = new double[Texts, Texts];
        foreach (int[] batch in plan.Batches(0))
        {
            float[] weights = plan.Weights(batch, []);
            for (int i = 0; i < batch.Length; i++)
                for (int j = 0; j < batch.Length; j++)
                    counts[Math.Min(batch[i], batch[j]), Math.Max(batch[i], batch[j])] += weights[i * batch.Length + j] / plan.BatchesPerEpoch;
        }
        for (int i = 0; i < Texts; i++)
            for (int j = i + 1; j < Texts; j++)
                Assert.AreEqual(1.0 / (Texts * (Texts - 1) / 2), counts[i, j], 1e-6);
        int one = DistillationObjective.Plan(2000, new PairSampling { Iterations = 1 }, 32, 1).BatchesPerEpoch;
        // A step of 32 texts meets 16 with 16: 256 new pairs.
        Assert.AreEqual(2000 * 2 / 256.0, one, 2);
        Assert.AreEqual(20 * one, DistillationObjective.Plan(2000, new PairSampling { Iterations = 20 }, 32, 1).BatchesPerEpoch, 20);
        Assert.AreEqual(4, DistillationObjective.Plan(2000, new PairSampling { MaxPairs = 1024 }, 32, 1).BatchesPerEpoch, 1);
    }

    [TestMethod]
    public void A_text_has_a_row_for_each_class_and_weighs_what_it_did()
    {
        (int[] rows, int[] labels, float[] weights) = SoftLabels.Parts([0.25f, 0.75f, 0, 0.0005f, 0, 0.9995f], 3, textWeights: [2, 1]);
        CollectionAssert.AreEqual(new[] { 0, 0, 1 }, rows);
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, labels);
        CollectionAssert.AreEqual(new[] { 0.5f, 1.5f, 1f }, weights);
    }

    [TestMethod]
    public void Chosen_rows_keep_what_the_teacher_says_of_them()
    {
        var outputs = new TeacherOutputs([1, 2, 3, 4, 5, 6], 2, [0.1f, 0.9f, 0.2f, 0.8f, 0.3f, 0.7f]);
        TeacherOutputs chosen = outputs.Rows([2, 0]);
        CollectionAssert.AreEqual(new float[] { 5, 6, 1, 2 }, chosen.Embeddings);
        CollectionAssert.AreEqual(new[] { 0.3f, 0.7f, 0.1f, 0.9f }, chosen.Probabilities);
        Assert.AreNotEqual(outputs.Fingerprint, chosen.Fingerprint);
    }

    private static double Loss(double[][] student, double[][] teacher, int[] order)
    {
        using DisposeScope scope = NewDisposeScope();
        PairPlan plan = DistillationObjective.Plan(student.Length, new PairSampling(), batchSize: student.Length, seed: 1);
        var outputs = new TeacherOutputs([.. teacher.SelectMany(v => v).Select(x => (float)x)], teacher[0].Length);
        var objective = new DistillationObjective(
            texts => tensor([.. texts.SelectMany(text => student[text]).Select(x => (float)x)]).reshape(texts.Length, student[0].Length), outputs, plan);
        return objective.Loss(order).item<float>();
    }

    private static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
