using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class AnswerObjectiveTests
{
    private static readonly int[] Lengths = [5, 3, 4];
    private static readonly (int Start, int End)[] Places = [(2, 4), (0, 0), (1, 1)];

    /// <summary>The mean of both ends' losses, each a softmax over the row's own tokens: padding has no part, whatever is there.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Is_the_mean_of_the_losses_of_both_ends(bool weighted)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor logits = randn(3, 5, 2).requires_grad_();
        float[]? weights = weighted ? [1, 0.5f, 3] : null;
        int[] rows = [2, 0, 1];
        double sum = 0, total = 0;
        foreach (int row in rows)
        {
            float[] values = [.. logits[row].data<float>()];
            double weight = weights?[row] ?? 1;
            foreach ((int end, int place) in ((int, int)[])[(0, Places[row].Start), (1, Places[row].End)])
                sum -= weight / 2 * (values[2 * place + end] - Math.Log(Enumerable.Range(0, Lengths[row]).Sum(token => Math.Exp(values[2 * token + end]))));
            total += weight;
        }
        using var loss = new SoftmaxCrossEntropy();
        var objective = new AnswerObjective(batch => logits.index_select(0, tensor([.. batch.Select(row => (long)row)])), Data() with { Weights = weights }, loss, () => tensor(0.25f));

        Tensor found = objective.Loss(rows);

        Assert.AreEqual(sum / total + 0.25, found.item<float>(), 1e-5);
        Assert.AreEqual(total, objective.Weight(rows), 1e-6);
        found.backward();
        Assert.AreEqual(0f, logits.grad![1].narrow(0, 3, 2).abs().sum().item<float>(), "padding");
        Assert.IsGreaterThan(0f, logits.grad[1].narrow(0, 0, 3).abs().sum().item<float>());
    }

    private static EncodedTexts Data()
    {
        Encoding[] rows = [.. Lengths.Select(length => new Encoding(new int[length], new int[length]))];
        return new EncodedTexts(
            new TextBatches(rows, TinyEncoder.Read(TinyEncoder.Json("bert")).Config), new int[3],
            Answers: [.. rows.Select((row, i) => new AnswerWindow(i, new ContextWindow(row, null!, 0, 0), GoldAnswers.None, Places[i].Start, Places[i].End))]);
    }
}
