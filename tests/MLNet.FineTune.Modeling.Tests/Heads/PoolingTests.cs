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
    public void LeavesPaddingOut(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: true, ScalarType.Float32, expected);

    [TestMethod]
    [DataRow(PoolingMode.Cls, 1f, -2f, 7f, 8f)]
    [DataRow(PoolingMode.Mean, 3f, -4 / 3f, 98 / 3f, 118 / 3f)]
    [DataRow(PoolingMode.Max, 5f, 4f, 100f, 100f)]
    public void TakesAllWithoutPadding(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: false, ScalarType.Float32, expected);

    /// <summary>Sums of 16-bit states are made in 32 bits.</summary>
    [TestMethod]
    [DataRow(PoolingMode.Mean, 3f, -4 / 3f, -1f, 9f)]
    public void SumsInFloat32(PoolingMode mode, params float[] expected) => AssertPooled(mode, padded: true, ScalarType.BFloat16, expected);

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
