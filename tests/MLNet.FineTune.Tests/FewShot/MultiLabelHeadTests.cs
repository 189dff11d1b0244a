using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.FewShot;

[TestClass]
public sealed class MultiLabelHeadTests
{
    private static readonly LogisticRegressionHead Binary = new() { L2Regularization = 1 };

    [TestMethod]
    [DataRow(MultiLabelStrategy.OneVsRest)]
    [DataRow(MultiLabelStrategy.MultiOutput)]
    public void Independent_labels_are_those_of_a_loop_of_binary_classifiers(MultiLabelStrategy strategy)
    {
        EmbeddedTexts texts = Quadrants(60);
        LinearHead head = Fit(texts, strategy);
        Assert.IsNull(head.Rule!.Chain);
        for (int label = 0; label < 4; label++)
        {
            LinearHead alone = Fitted(Relabelled(texts, label));
            for (int i = 0; i < 2; i++)
                Assert.AreEqual(alone.Weight[2 + i] - alone.Weight[i], head.Weight[label * 2 + i]);
            Assert.AreEqual(alone.Bias[1] - alone.Bias[0], head.Bias[label]);
        }
    }

    /// <summary>The weights without standardisation are where the gradient of Σ log(1 + exp(−y f)) + λ/2 ‖w‖² vanishes.</summary>
    [TestMethod]
    public void Each_label_minimises_its_own_penalised_cross_entropy()
    {
        EmbeddedTexts texts = Quadrants(60);
        LinearHead head = Fit(texts, MultiLabelStrategy.OneVsRest, binary: new LogisticRegressionHead { L2Regularization = 2, Standardize = false });
        float[] logits = head.Score(texts.Values);
        for (int label = 0; label < 4; label++)
        {
            double[] gradient = [2 * head.Weight[label * 2], 2 * head.Weight[label * 2 + 1], 0];
            for (int row = 0; row < texts.Count; row++)
            {
                double residual = LabelRule.Sigmoid(logits[row * 4 + label]) - (texts.Texts.LabelSets![row].Contains(label) ? 1 : 0);
                gradient[0] += residual * texts[row][0];
                gradient[1] += residual * texts[row][1];
                gradient[2] += residual;
            }
            foreach (double component in gradient)
                Assert.AreEqual(0, component, 0.05, $"label {label}");
        }
    }

    /// <summary>Labels: right, upper, both, exactly one of the two. The last is no linear function of the embedding, but one of the labels before it.</summary>
    [TestMethod]
    public void A_chain_learns_a_label_that_depends_on_earlier_ones()
    {
        EmbeddedTexts train = Quadrants(200, seed: 1), test = Quadrants(200, seed: 2);
        double alone = Accuracy(Fit(train, MultiLabelStrategy.OneVsRest), test, label: 3), chained = Accuracy(Fit(train, MultiLabelStrategy.ClassifierChain), test, label: 3);
        Assert.IsLessThan(0.7, alone, $"{alone}");
        Assert.IsGreaterThan(0.9, chained, $"{chained}");
    }

    [TestMethod]
    public void A_chain_is_fitted_on_the_true_earlier_labels()
    {
        EmbeddedTexts texts = Quadrants(60);
        LinearHead head = Fit(texts, MultiLabelStrategy.ClassifierChain);
        LabelChain chain = head.Rule!.Chain!;
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, chain.Order);
        Assert.HasCount(6, chain.Weights);
        float[] wide = [.. Enumerable.Range(0, texts.Count).SelectMany(row => (float[])[texts[row][0], texts[row][1], Has(row, 0), Has(row, 1)])];
        LinearHead third = Fitted(Relabelled(texts, 2) with { Values = wide, Width = 4 });
        CollectionAssert.AreEqual(third.Weight[4..].Zip(third.Weight, (yes, no) => yes - no).ToArray(), (float[])[head.Weight[4], head.Weight[5], chain.Weights[1], chain.Weights[2]]);

        float Has(int row, int label) => texts.Texts.LabelSets![row].Contains(label) ? 1 : 0;
    }

    [TestMethod]
    public void A_random_order_is_that_of_the_seed()
    {
        EmbeddedTexts texts = Quadrants(20);
        int[] Order(int seed) => Fit(texts, MultiLabelStrategy.ClassifierChain, LabelChainOrder.Random, seed).Rule!.Chain!.Order;
        CollectionAssert.AreEqual(Order(3), Order(3));
        Assert.IsGreaterThan(1, Enumerable.Range(0, 6).Select(seed => string.Join(',', Order(seed))).Distinct().Count());
        CollectionAssert.AreEquivalent(new[] { 0, 1, 2, 3 }, Order(5));
    }

    /// <summary>By hand: label 2 comes first, then 0, then 1.</summary>
    [TestMethod]
    public void Predicted_labels_feed_later_ones()
    {
        var rule = new LabelRule(0.4f, new LabelChain([2, 0, 1], [-3, 5, 0.5f]));
        var probabilities = new float[3];
        rule.Apply([2.5f, -1, -0.3f], probabilities);
        // σ(−0.3) = 0.426 > 0.4: yes; σ(2.5 − 3) = 0.378: no; σ(−1 + 5) = 0.982.
        Assert.AreEqual(1 / (1 + Math.Exp(0.3)), probabilities[2], 1e-6);
        Assert.AreEqual(1 / (1 + Math.Exp(0.5)), probabilities[0], 1e-6);
        Assert.AreEqual(1 / (1 + Math.Exp(-4)), probabilities[1], 1e-6);
        float[] two = rule.ApplyAll([2.5f, -1, -0.3f, 0, 0, -9], 3);
        CollectionAssert.AreEqual(probabilities, two[..3]);
        Assert.AreEqual(LabelRule.Sigmoid(0), two[3]);
        Assert.AreEqual(LabelRule.Sigmoid(0.5), two[4]);
    }

    [TestMethod]
    [DataRow(MultiLabelStrategy.OneVsRest)]
    [DataRow(MultiLabelStrategy.ClassifierChain)]
    public void A_label_that_all_texts_have_or_none_is_a_constant(MultiLabelStrategy strategy)
    {
        EmbeddedTexts texts = Quadrants(30);
        int[][] sets = [.. texts.Texts.LabelSets!.Select((_, row) => row % 3 == 0 ? new[] { 0, 2 } : [0])];
        LinearHead head = Fit(texts with { ClassCount = 3, Texts = texts.Texts with { LabelSets = sets } }, strategy);
        float[] probabilities = head.Rule!.ApplyAll(head.Score([5, -5]), 3);
        Assert.AreEqual(1, probabilities[0], 1e-6);
        Assert.AreEqual(0, probabilities[1], 1e-6);
        CollectionAssert.AreEqual(new float[4], head.Weight[..4]);
    }

    [TestMethod]
    public void A_chain_that_is_none_is_refused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new LabelChain([0, 0], [1])).Message, "order");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new LabelChain([0, 1], [])).Message, "expected 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new LabelChain([0, 1], [float.NaN])).Message, "not a number");
    }

    private static LinearHead Fit(EmbeddedTexts texts, MultiLabelStrategy strategy, LabelChainOrder order = LabelChainOrder.ByIndex, int seed = 1, LogisticRegressionHead? binary = null) =>
        new MultiLabelHeadTrainer(new LogisticRegressionTrainer(binary ?? Binary, new TrainingOptions(), seed), strategy, order, 0.5f, seed).Fit(texts, null, null);

    private static LinearHead Fitted(EmbeddedTexts texts) => new LogisticRegressionTrainer(Binary, new TrainingOptions(), seed: 1).Fit(texts, null, null);

    private static EmbeddedTexts Relabelled(EmbeddedTexts texts, int label) =>
        texts with { ClassCount = 2, Texts = texts.Texts with { Labels = [.. texts.Texts.LabelSets!.Select(set => set.Contains(label) ? 1 : 0)], LabelSets = null } };

    private static double Accuracy(LinearHead head, EmbeddedTexts texts, int label)
    {
        float[] probabilities = head.Rule!.ApplyAll(head.Score(texts.Values), texts.ClassCount);
        return Enumerable.Range(0, texts.Count).Average(row => probabilities[row * texts.ClassCount + label] > 0.5f == texts.Texts.LabelSets![row].Contains(label) ? 1.0 : 0);
    }

    private static EmbeddedTexts Quadrants(int count, int seed = 1)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, 2 * count).Select(_ => (float)(random.NextDouble() * 2 - 1))];
        int[][] sets = [.. Enumerable.Range(0, count).Select(row => (values[2 * row] > 0, values[2 * row + 1] > 0) switch
        {
            (true, true) => [0, 1, 2],
            (true, false) => [0, 3],
            (false, true) => [1, 3],
            _ => Array.Empty<int>(),
        })];
        return new EmbeddedTexts(values, 2, new EncodedTexts(null!, new int[count], LabelSets: sets), 4);
    }
}
