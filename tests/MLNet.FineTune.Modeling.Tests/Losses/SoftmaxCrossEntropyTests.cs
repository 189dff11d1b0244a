using MLNet.FineTune.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class SoftmaxCrossEntropyTests
{
    private static readonly float[,] Logits = { { 1.5f, -0.5f, 0.25f }, { 0f, 2f, -1f }, { -0.3f, 0.1f, 0.9f }, { 2f, 2f, 2f } };
    private static readonly long[] Labels = [0, 2, 1, 1];

    [TestMethod]
    [DataRow(0.0, null, null)]
    [DataRow(0.2, null, null)]
    [DataRow(0.0, new[] { 0.5f, 2f, 1f }, null)]
    [DataRow(0.1, new[] { 0.5f, 2f, 1f }, null)]
    [DataRow(0.0, null, new[] { 1f, 0f, 3f, 0.5f })]
    [DataRow(0.1, null, new[] { 1f, 0f, 3f, 0.5f })]
    [DataRow(0.1, new[] { 0.5f, 2f, 1f }, new[] { 1f, 0f, 3f, 0.5f })]
    public void ClosedForm(double smoothing, float[]? classWeights, float[]? rowWeights)
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new SoftmaxCrossEntropy(smoothing, classWeights);
        Tensor found = loss.Compute(tensor(Logits), tensor(Labels), rowWeights is null ? null : tensor(rowWeights));

        double sum = 0, total = 0;
        for (int i = 0; i < Labels.Length; i++)
        {
            double partition = Enumerable.Range(0, 3).Sum(c => Math.Exp(Logits[i, c]));
            double[] nll = [.. Enumerable.Range(0, 3).Select(c => -Math.Log(Math.Exp(Logits[i, c]) / partition))];
            double w(int c) => classWeights?[c] ?? 1;
            double row = rowWeights?[i] ?? 1;
            int y = (int)Labels[i];
            sum += row * ((1 - smoothing) * w(y) * nll[y] + smoothing / 3 * Enumerable.Range(0, 3).Sum(c => w(c) * nll[c]));
            total += row * w(y);
        }
        Assert.AreEqual(sum / total, found.item<float>(), 1e-6);
    }

    [TestMethod]
    public void ClassWeightsAloneGiveTorchsOwnMean()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] weights = [0.5f, 2f, 1f];
        using var loss = new SoftmaxCrossEntropy(0.1, weights);
        Tensor expected = nn.functional.cross_entropy(tensor(Logits), tensor(Labels), tensor(weights), reduction: nn.Reduction.Mean, label_smoothing: 0.1);
        Assert.AreEqual(expected.item<float>(), loss.Compute(tensor(Logits), tensor(Labels)).item<float>(), 1e-6f);
    }

    [TestMethod]
    public void ABatchWithoutWeightHasNoLossAndNoGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new SoftmaxCrossEntropy(0.1);
        Tensor logits = tensor(Logits).requires_grad_();
        Tensor value = loss.Compute(logits, tensor(Labels), zeros(4));
        value.backward();
        Assert.AreEqual(0, value.item<float>());
        Assert.AreEqual(0, logits.grad!.abs().max().item<float>());
    }

    [TestMethod]
    public void HalfPrecisionLogitsGiveASinglePrecisionLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new SoftmaxCrossEntropy();
        Tensor half = tensor(Logits).to(ScalarType.BFloat16);
        Tensor found = loss.Compute(half, tensor(Labels));
        Assert.AreEqual(ScalarType.Float32, found.dtype);
        Assert.AreEqual(loss.Compute(half.to(ScalarType.Float32), tensor(Labels)).item<float>(), found.item<float>());
    }

    [TestMethod]
    public void TheObjectivePicksLabelsAndWeightsOfItsRows()
    {
        using DisposeScope scope = NewDisposeScope();
        using var loss = new SoftmaxCrossEntropy();
        Tensor logits = tensor(Logits);
        int[] asked = [];
        var objective = new ClassificationObjective(
            rows => { asked = rows; return logits.index_select(0, tensor([.. rows.Select(r => (long)r)])); },
            [.. Labels.Select(l => (int)l)], loss, [1f, 2f, 3f, 4f]);
        Tensor found = objective.Loss([3, 1]);
        CollectionAssert.AreEqual((int[])[3, 1], asked);
        Tensor expected = loss.Compute(logits.index_select(0, tensor([3L, 1L])), tensor([1L, 2L]), tensor([4f, 2f]));
        Assert.AreEqual(expected.item<float>(), found.item<float>());
    }
}
