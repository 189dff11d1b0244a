using MLNet.FineTune.SelfTraining;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class CosineLossesTests
{
    [TestMethod]
    public void ClassificationIsTheWeightedDivergence()
    {
        using var scope = NewDisposeScope();
        Tensor logged = tensor(new[] { 0.5f, 0.5f, 0.25f, 0.75f }, [2, 2]).log();
        Tensor targets = tensor(new[] { 0.9f, 0.1f, 1f, 0f }, [2, 2]);
        double first = 0.9 * Math.Log(0.9 / 0.5) + 0.1 * Math.Log(0.1 / 0.5), second = Math.Log(1 / 0.25);
        Assert.AreEqual((0.5 * first + 0.8 * second) / 2, CosineLosses.Classification(logged, targets, tensor(new[] { 0.5f, 0.8f })).item<float>(), 1e-6);
    }

    [TestMethod]
    public void ConfidenceIsTheDivergenceFromUniform()
    {
        using var scope = NewDisposeScope();
        Tensor logged = tensor(new[] { 0.5f, 0.5f, 0.2f, 0.8f }, [2, 2]).log();
        double second = 0.5 * Math.Log(0.5 / 0.2) + 0.5 * Math.Log(0.5 / 0.8);
        Assert.AreEqual(second / 2, CosineLosses.Confidence(logged).item<float>(), 1e-6);
    }

    [TestMethod]
    public void ContrastPullsLikePairsAndPushesOthersToTheMargin()
    {
        using var scope = NewDisposeScope();
        // Over the root of the width 2: d(0,1) = √(0.32/2) = 0.4, d(0,2) = √(8/2) = 2, d(1,2) = √((1.6² + 2²)/2).
        Tensor rows = tensor(new[] { 0f, 0, 0.4f, 0.4f, 2, 2 }, [3, 2]);
        double far = 1.6;
        Assert.AreEqual((0.4 * 0.4 + 0 + 0) / 3 / 2, CosineLosses.Contrast(rows, [0, 0, 1], EmbeddingDistance.Euclidean, 1).item<float>(), 1e-5);
        // Rows 0 and 1 unlike: 0.6 short of the margin; 1 and 2 alike.
        Assert.AreEqual((0.6 * 0.6 + 0 + far * far) / 3 / 2, CosineLosses.Contrast(rows, [0, 1, 1], EmbeddingDistance.Euclidean, 1).item<float>(), 1e-5);
    }

    [TestMethod]
    public void ContrastByCosine()
    {
        using var scope = NewDisposeScope();
        Tensor rows = tensor(new[] { 1f, 0, 0, 3 }, [2, 2]);
        Assert.AreEqual(0.5, CosineLosses.Contrast(rows, [0, 0], EmbeddingDistance.Cosine, 1).item<float>(), 1e-6);
        Assert.AreEqual(0, CosineLosses.Contrast(rows, [0, 1], EmbeddingDistance.Cosine, 1).item<float>(), 1e-6);
        Assert.AreEqual(0.5 * 0.5 / 2, CosineLosses.Contrast(rows, [0, 1], EmbeddingDistance.Cosine, 1.5).item<float>(), 1e-6);
    }

    [TestMethod]
    public void EqualEmbeddingsAndSingleRowsHaveFiniteGradients()
    {
        using var scope = NewDisposeScope();
        Tensor rows = ones([2, 3], requires_grad: true);
        CosineLosses.Contrast(rows, [0, 1], EmbeddingDistance.Euclidean, 1).backward();
        Assert.IsTrue(rows.grad!.isfinite().all().item<bool>());
        Tensor single = ones([1, 3], requires_grad: true);
        CosineLosses.Contrast(single, [0], EmbeddingDistance.Euclidean, 1).backward();
        Assert.AreEqual(0, single.grad!.abs().sum().item<float>());
    }
}
