using MLNet.FineTune.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class DeltaMergeTests
{
    [TestMethod]
    public void LinearIsTheWeightedSum() => AssertMerged([-1, 2.5f, 3, -10], new AdapterMergeOptions(), [2, 0.5], [-1, 1, 1, -4], [2, 1, 2, -4]);

    [TestMethod]
    public void DensityKeepsTheLargest() => AssertMerged([0, 1, 2, -8], new AdapterMergeOptions { Density = 0.5 }, [1, 1], [-1, 1, 2, -4], [0.5f, 1, 0, -4]);

    [TestMethod]
    public void TiesTakesTheMeanOfThoseThatAgree() =>
        // Signs of the sums: −, +, + and none, where nothing is taken.
        AssertMerged([-3, 1, 2, 0], new AdapterMergeOptions { SignConsensus = true }, [1, 1], [-3, 0, 1, -4], [2, 1, 3, 4]);

    [TestMethod]
    public void DareKeepsTheMean()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3UL, CPU);
        Tensor delta = ones(200, 200), merged = DeltaMerge.Merge([delta], [1], new AdapterMergeOptions { Density = 0.25, RandomDropping = true }, generator);
        Assert.AreEqual(1, merged.mean().item<float>(), 0.03f);
        Assert.AreEqual(0.25, merged.count_nonzero().item<long>() / 40000.0, 0.01);
        Assert.AreEqual(4f, merged.max().item<float>());
    }

    [TestMethod]
    public void FactorsGiveTheMatrixBack()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor delta = randn(12, 3).matmul(randn(3, 7));
        Assert.AreEqual(3, DeltaMerge.NumericalRank(delta));
        (Tensor a, Tensor b) = DeltaMerge.Factorize(delta, 3);
        Assert.IsLessThan(1e-4f, (b.matmul(a) - delta).abs().max().item<float>());
        // Of all matrices of rank 2, none is nearer: the distance is the singular value left out (Eckart and Young).
        (a, b) = DeltaMerge.Factorize(delta, 2);
        Assert.AreEqual(linalg.svdvals(delta)[2].item<float>(), (b.matmul(a) - delta).norm().item<float>(), 1e-4f);
        Assert.AreEqual(0, DeltaMerge.NumericalRank(zeros(4, 4)));
    }

    private static void AssertMerged(float[] expected, AdapterMergeOptions options, double[] weights, params float[][] deltas)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1UL, CPU);
        Tensor merged = DeltaMerge.Merge([.. deltas.Select(delta => tensor(delta).reshape(2, 2))], weights, options, generator);
        CollectionAssert.AreEqual(expected, merged.flatten().data<float>().ToArray());
    }
}
