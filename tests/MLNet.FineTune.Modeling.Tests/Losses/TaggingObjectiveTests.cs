using MLNet.FineTune.Encoders;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class TaggingObjectiveTests
{
    private const int Classes = 3, Length = 5;

    // Word tokens: the second word of row 0 has its label missing, the third of row 1 was cut, row 2 has no label.
    private static readonly int[][] WordTokens = [[1, 2, 3], [1, 3, -1], [1]];
    private static readonly int[][] Tags = [[0, -1, 2], [1, 0, 2], [-1]];

    /// <summary>Positions of the labels, as run_ner puts them: −100 everywhere else.</summary>
    private static readonly long[][] Labels = [[-100, 0, -100, 2, -100], [-100, 1, -100, 0, -100], [-100, -100, -100, -100, -100]];

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.1)]
    public void Is_the_cross_entropy_of_all_tokens_with_ignore_index(double smoothing)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits();
        int[] rows = [1, 2, 0];
        using var loss = new SoftmaxCrossEntropy(smoothing);
        var objective = new TaggingObjective(batch => logits.index_select(0, tensor([.. batch.Select(row => (long)row)])), Data(), loss);
        Tensor targets = tensor([.. rows.SelectMany(row => Labels[row])]);
        Tensor scores = cat([.. rows.Select(row => logits[row])], 0);
        Tensor expected = nn.functional.cross_entropy(scores, targets, ignore_index: -100, label_smoothing: smoothing);
        Assert.AreEqual(expected.item<float>(), objective.Loss(rows).item<float>(), 1e-5);
        Assert.AreEqual(4, objective.Weight(rows));
    }

    [TestMethod]
    public void Weights_of_rows_and_classes_count()
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits();
        float[] classes = [1, 2, 4], weights = [3, 0.5f, 1];
        using var loss = new SoftmaxCrossEntropy(classWeights: classes);
        var objective = new TaggingObjective(_ => logits, Data() with { Weights = weights }, loss, () => tensor(0.25f));
        double sum = 0, total = 0;
        float[] logP = [.. nn.functional.log_softmax(logits, -1).data<float>()];
        foreach ((int row, int token, int tag) in ((int, int, int)[])[(0, 1, 0), (0, 3, 2), (1, 1, 1), (1, 3, 0)])
        {
            double weight = weights[row] * classes[tag];
            sum -= weight * logP[(row * Length + token) * Classes + tag];
            total += weight;
        }
        Assert.AreEqual(sum / total + 0.25, objective.Loss([0, 1, 2]).item<float>(), 1e-5);
        Assert.AreEqual(total, objective.Weight([0, 1, 2]), 1e-6);
    }

    [TestMethod]
    public void A_batch_without_labels_costs_nothing_and_can_be_propagated()
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits().requires_grad_();
        using var loss = new SoftmaxCrossEntropy();
        Tensor value = new TaggingObjective(_ => logits.narrow(0, 2, 1), Data(), loss).Loss([2]);
        value.backward();
        Assert.AreEqual(0f, value.item<float>());
        Assert.AreEqual(0f, logits.grad!.abs().sum().item<float>());
    }

    /// <summary>R-Drop on words, written out: both passes' cross entropies and the divergences of the labelled words alone.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(new[] { 3f, 0.5f, 1f })]
    public void Consistency_is_over_labelled_words(float[]? weights)
    {
        const double Weight = 0.7;
        using var scope = NewDisposeScope();
        Tensor first = Logits(), second = Logits(seed: 2);
        var passes = new Queue<Tensor>([first, second]);
        using var loss = new SoftmaxCrossEntropy();
        var objective = new TaggingObjective(_ => passes.Dequeue(), Data() with { Weights = weights }, loss, () => tensor(0.25f), new RDropTraining(Weight));
        float[] p = [.. nn.functional.log_softmax(first, -1).data<float>()], q = [.. nn.functional.log_softmax(second, -1).data<float>()];
        double sum = 0, total = 0;
        foreach ((int row, int token, int tag) in ((int, int, int)[])[(0, 1, 0), (0, 3, 2), (1, 1, 1), (1, 3, 0)])
        {
            int at = (row * Length + token) * Classes;
            double weight = weights?[row] ?? 1, divergence = Enumerable.Range(at, Classes).Sum(i => Math.Exp(p[i]) * (p[i] - q[i]) + Math.Exp(q[i]) * (q[i] - p[i]));
            sum += weight * (-0.5 * (p[at + tag] + q[at + tag]) + Weight * 0.5 * divergence);
            total += weight;
        }
        Assert.AreEqual(sum / total + 0.25, objective.Loss([0, 1, 2]).item<float>(), 1e-5);
    }

    [TestMethod]
    public void Consistency_of_no_words_costs_nothing()
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits().requires_grad_();
        using var loss = new SoftmaxCrossEntropy();
        Tensor value = new TaggingObjective(_ => logits.narrow(0, 2, 1), Data(), loss, consistency: new RDropTraining(1)).Loss([2]);
        value.backward();
        Assert.AreEqual(0f, value.item<float>());
        Assert.AreEqual(0f, logits.grad!.abs().sum().item<float>());
    }

    private static EncodedTexts Data()
    {
        Encoding[] rows = [.. WordTokens.Select(words => new Encoding(new int[Length], new int[Length]) { WordTokens = words })];
        return new EncodedTexts(new TextBatches(rows, null!), [0, 0, 0], Tags: Tags);
    }

    private static Tensor Logits(int seed = 1)
    {
        var random = new Random(seed);
        return tensor([.. Enumerable.Range(0, 3 * Length * Classes).Select(_ => (float)(4 * random.NextDouble() - 2))]).reshape(3, Length, Classes);
    }
}
