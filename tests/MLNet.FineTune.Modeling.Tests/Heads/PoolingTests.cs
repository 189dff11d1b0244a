using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Heads;

[TestClass]
public sealed class PoolingTests
{
    // Two rows of three tokens of two numbers; the second row is padded by one token, whose numbers must not show.
    private static readonly float[] States = [1, -2, 3, 4, 5, -6, 7, 8, -9, 10, 100, 100];

    [TestMethod]
    [DataRow(PoolingMode.Cls, 1f, -2f, 7f, 8f)]
    [DataRow(PoolingMode.Mean, 3f, -4 / 3f, -1f, 9f)]
    [DataRow(PoolingMode.Max, 5f, 4f, 7f, 10f)]
    [DataRow(PoolingMode.MeanSqrtLength, 5.196152f, -2.309401f, -1.414214f, 12.727922f)] // (9, -4) / √3; (-2, 18) / √2
    [DataRow(PoolingMode.WeightedMean, 22 / 6f, -2f, -11 / 3f, 28 / 3f)]                 // (1 + 6 + 15, -2 + 8 - 18) / 6; (7 - 18, 8 + 20) / 3
    [DataRow(PoolingMode.LastToken, 5f, -6f, -9f, 10f)]
    public void LeavesPaddingOut(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: true, ScalarType.Float32, expected);

    [TestMethod]
    [DataRow(PoolingMode.Cls, 1f, -2f, 7f, 8f)]
    [DataRow(PoolingMode.Mean, 3f, -4 / 3f, 98 / 3f, 118 / 3f)]
    [DataRow(PoolingMode.Max, 5f, 4f, 100f, 100f)]
    [DataRow(PoolingMode.MeanSqrtLength, 5.196152f, -2.309401f, 56.580326f, 68.127332f)]
    [DataRow(PoolingMode.WeightedMean, 22 / 6f, -2f, 289 / 6f, 328 / 6f)]
    [DataRow(PoolingMode.LastToken, 5f, -6f, 100f, 100f)]
    public void TakesAllWithoutPadding(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: false, ScalarType.Float32, expected);

    /// <summary>Sums of 16-bit states are made in 32 bits.</summary>
    [TestMethod]
    [DataRow(PoolingMode.Mean, 3f, -4 / 3f, -1f, 9f)]
    public void SumsInFloat32(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: true, ScalarType.BFloat16, expected);

    /// <summary>The order is sentence-transformers', whatever order they are named in.</summary>
    [TestMethod]
    public void SeveralModesFollowOneAnother()
    {
        using var scope = NewDisposeScope();
        var input = new EncoderInput(zeros(2, 3, ScalarType.Int64), tensor([true, true, true, true, true, false]).reshape(2, 3));
        Tensor pooled = new PoolingModes(PoolingMode.Mean, PoolingMode.LastToken, PoolingMode.Max, PoolingMode.Cls).Pool(new EncoderOutput(tensor(States).reshape(2, 3, 2), []), input);
        float[] expected = [1, -2, 5, 4, 3, -4 / 3f, 5, -6, 7, 8, 7, 10, -1, 9, -9, 10];
        CollectionAssert.AreEqual(expected, pooled.contiguous().data<float>().ToArray());
    }

    /// <summary>Skipped tokens keep their places: what is weighted by place counts the rest as before.</summary>
    [TestMethod]
    [DataRow(PoolingMode.Cls, true, 1f, -2f, 7f, 8f)]
    [DataRow(PoolingMode.Mean, true, 4f, -1f, -9f, 10f)]
    [DataRow(PoolingMode.Mean, false, 4f, -1f, 45.5f, 55f)]
    [DataRow(PoolingMode.Max, true, 5f, 4f, -9f, 10f)]
    [DataRow(PoolingMode.WeightedMean, true, 21 / 5f, -2f, -9f, 10f)]
    [DataRow(PoolingMode.LastToken, true, 5f, -6f, -9f, 10f)]
    public void ThePromptCanBeSkipped(PoolingMode mode, bool padded, params float[] expected)
    {
        using var scope = NewDisposeScope();
        var input = new EncoderInput(zeros(2, 3, ScalarType.Int64), padded ? tensor([true, true, true, true, true, false]).reshape(2, 3) : null);
        Tensor pooled = new PoolingModes(mode).Pool(new EncoderOutput(tensor(States).reshape(2, 3, 2), []), input, skipped: 1);
        float[] found = [.. pooled.contiguous().data<float>()];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 1e-5f);
        if (padded)
            Assert.IsTrue(input.Mask!.data<bool>().ToArray()[0], "the encoder's own mask stays");
    }

    [TestMethod]
    public void ARowOfPaddingOnlyIsFinite()
    {
        using var scope = NewDisposeScope();
        Tensor pooled = PoolingMode.Mean.Pool(new EncoderOutput(ones(1, 2, 2), []), new EncoderInput(zeros(1, 2, ScalarType.Int64), zeros(1, 2, ScalarType.Bool)));
        CollectionAssert.AreEqual((float[])[0, 0], pooled.data<float>().ToArray());
    }

    private static void AssertPooled(PoolingMode mode, bool padded, ScalarType type, float[] expected)
    {
        using var scope = NewDisposeScope();
        var input = new EncoderInput(zeros(2, 3, ScalarType.Int64), padded ? tensor([true, true, true, true, true, false]).reshape(2, 3) : null);
        Tensor pooled = mode.Pool(new EncoderOutput(tensor(States).reshape(2, 3, 2).to(type), []), input);
        Assert.AreEqual(ScalarType.Float32, pooled.dtype);
        float[] found = [.. pooled.contiguous().data<float>()];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 1e-5f);
    }
}
