using MLNet.FineTune.Pretraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class FirstWordDirectionsTests
{
    private const int Texts = 4000, Width = 6, Count = 2;

    /// <summary>Embeddings that vary least in their first two dimensions, around a mean, and words that vary most in their last two.</summary>
    private static (Tensor Embeddings, Tensor Words) Sample()
    {
        manual_seed(5);
        Tensor embeddings = randn(Texts, Width) * tensor(new[] { 0.1f, 0.2f, 1, 2, 3, 4 }) + tensor(new[] { 5f, -3, 1, 0, 2, -1 });
        Tensor words = randn(Texts, Width) * tensor(new[] { 0.1f, 0.3f, 0.2f, 0.4f, 2, 3 }) + 7;
        return (embeddings, words);
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(2.0)]
    public void Only_the_directions_of_least_variance_change_and_come_to_vary_as_asked(double scale)
    {
        using var scope = NewDisposeScope();
        (Tensor embeddings, Tensor words) = Sample();
        using FirstWordDirections directions = FirstWordDirections.Fit(embeddings, words, Count, scale);
        Tensor changed = directions.Apply(embeddings, words);

        // The sample's axes are the dimensions but for sampling noise.
        double most = (changed - embeddings).narrow(1, Count, Width - Count).abs().max().item<float>();
        Assert.IsLessThan(0.2 * scale, most);
        double expected = scale * scale * embeddings.var(0, unbiased: false).mean().item<float>();
        Assert.AreEqual(expected, changed.narrow(1, 0, Count).var(0, unbiased: false).mean().item<float>(), 0.05 * expected);
        Assert.IsLessThan(1e-3, (changed.mean([0]) - embeddings.mean([0])).abs().max().item<float>(), "the mean stays");
    }

    /// <summary>What the directions held is gone: they are the words' two main components, up to a turn.</summary>
    [TestMethod]
    public void What_they_hold_is_the_words_main_components()
    {
        using var scope = NewDisposeScope();
        (Tensor embeddings, Tensor words) = Sample();
        using FirstWordDirections directions = FirstWordDirections.Fit(embeddings, words, Count, 1);
        Tensor changed = directions.Apply(embeddings, words);
        Tensor held = changed.narrow(1, 0, Count) - changed.narrow(1, 0, Count).mean([0]);
        Tensor main = words.narrow(1, Width - Count, Count) - words.narrow(1, Width - Count, Count).mean([0]);
        Tensor map = linalg.lstsq(main, held).Solution;
        double left = (held - main.matmul(map)).square().sum().item<float>() / held.square().sum().item<float>();
        Assert.IsLessThan(0.01, left);
        // One factor for both: which is larger in words is larger here.
        Tensor lengths = linalg.svd(map).S;
        Assert.AreEqual(1, lengths[0].item<float>() / lengths[1].item<float>(), 0.05);
    }
}
