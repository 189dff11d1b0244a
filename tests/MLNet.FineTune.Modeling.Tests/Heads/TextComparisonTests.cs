using MLNet.FineTune.Heads;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Heads;

[TestClass]
public sealed class TextComparisonTests
{
    [TestMethod]
    public void FirstHalfIsComparedWithTheSecond()
    {
        NativeBackend.EnsureLoaded();
        using var scope = NewDisposeScope();
        // Two pairs; lengths do not count: (3, 4) is (0.6, 0.8), times √2.
        float[] compared = TextComparison.Of(tensor(new float[,] { { 3, 4 }, { 1, 0 }, { 30, 40 }, { 0, -2 } })).data<float>().ToArray();
        float a = 0.6f * MathF.Sqrt(2), b = 0.8f * MathF.Sqrt(2), c = MathF.Sqrt(2);
        float[] expected = [a, b, a, b, 0, 0, a * a, b * b, c, 0, 0, -c, c, c, 0, 0];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], compared[i], 1e-5f, $"{i}");
    }

    [TestMethod]
    public void TheMeanOfTheProductsIsTheCosine()
    {
        NativeBackend.EnsureLoaded();
        using var scope = NewDisposeScope();
        manual_seed(1);
        TorchSharp.torch.Tensor vectors = randn(6, 50);
        TorchSharp.torch.Tensor products = TextComparison.Of(vectors).narrow(1, 150, 50);
        float[] cosines = nn.functional.cosine_similarity(vectors.narrow(0, 0, 3), vectors.narrow(0, 3, 3), dim: 1).data<float>().ToArray();
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(cosines[i], products[i].mean().item<float>(), 1e-5f);
        Assert.ThrowsExactly<ArgumentException>(() => TextComparison.Of(randn(3, 4)));
    }
}
