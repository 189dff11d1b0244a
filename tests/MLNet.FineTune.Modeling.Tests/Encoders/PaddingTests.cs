using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary>What stands beside a row in a batch changes nothing of it.</summary>
[TestClass]
public sealed class PaddingTests
{
    public static IEnumerable<object[]> FamiliesAndPoolings() =>
        from family in TinyEncoder.Families from pooling in Enum.GetValues<PoolingMode>() select new object[] { family, pooling };

    [TestMethod]
    [DynamicData(nameof(FamiliesAndPoolings))]
    public void NeverChangesARowsLogits(string family, PoolingMode pooling)
    {
        using TaskModel model = TinyEncoder.Model(family, pooling: pooling);
        EncoderConfig config = model.Encoder.Config;
        int[][] rows = TinyEncoder.Rows(3, 9, 2, 12, 20), segments = TinyEncoder.Segments(rows);
        float[] together = TinyEncoder.Logits(model, EncoderInput.Create(rows, segments, config, CPU));
        for (int row = 0; row < rows.Length; row++)
            AssertClose(TinyEncoder.Logits(model, EncoderInput.Create([rows[row]], [segments[row]], config, CPU)), together[(3 * row)..(3 * row + 3)], 1e-5f);
    }

    /// <summary>The same rows with a mask, segments and positions that say nothing: written out, they change nothing either.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void WhatIsLeftOutEqualsWhatIsWrittenOut(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        EncoderConfig config = model.Encoder.Config;
        Tensor ids = tensor(TinyEncoder.Rows(3, 9)[0].Select(id => (long)id).ToArray()).unsqueeze(0);
        Tensor? types = config.TokenTypeCount > 0 ? zeros_like(ids) : null;
        Tensor? positions = config.PositionRows > 0 ? arange(config.PositionOffset, config.PositionOffset + 9, ScalarType.Int64).unsqueeze(0) : null;
        float[] plain = TinyEncoder.Logits(model, new EncoderInput(ids.clone()));
        AssertClose(plain, TinyEncoder.Logits(model, new EncoderInput(ids, ones_like(ids).to(ScalarType.Bool), types, positions)), 1e-5f);
    }

    /// <summary>16 bits: activations are rounded to 8 bits of significand, weights and results stay in 32.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void BFloat16IsCloseAndTrainsTheMasters(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        (Tensor states, Tensor gradient) = Run(model, input);
        model.zero_grad();
        model.Encoder.ComputeType = ScalarType.BFloat16;
        (Tensor rounded, Tensor roundedGradient) = Run(model, input);

        Assert.AreEqual(ScalarType.BFloat16, rounded.dtype);
        Assert.AreEqual(ScalarType.Float32, roundedGradient.dtype);
        Assert.IsLessThan(0.03, RelativeError(states, rounded), "last hidden state");
        Assert.IsLessThan(0.1, RelativeError(gradient, roundedGradient), "gradients");
        Assert.AreEqual(ScalarType.Float32, model.Forward(input).dtype, "logits");
        foreach (var (name, parameter) in model.named_parameters())
        {
            Assert.AreEqual(ScalarType.Float32, parameter.dtype, name);
            Assert.AreEqual(ScalarType.Float32, parameter.grad!.dtype, name);
        }
    }

    /// <summary>Frozen weights are cast once; a change of theirs must be seen all the same.</summary>
    [TestMethod]
    public void CastsFollowTheWeights()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        model.Encoder.ComputeType = ScalarType.BFloat16;
        foreach (var parameter in model.parameters())
            parameter.requires_grad = false;
        float[] before = TinyEncoder.Logits(model);
        long tensors = LiveTensors.Count();
        CollectionAssert.AreEqual(before, TinyEncoder.Logits(model));
        Assert.AreEqual(tensors, LiveTensors.Count(), "cast again");

        AdaptableLinear value = model.Encoder.Layers[0].Attention.Value;
        using (no_grad())
            value.Weight.mul_(-1);
        CollectionAssert.AreEqual(before, TinyEncoder.Logits(model), "the cast is kept");
        model.WeightsChanged();
        CollectionAssert.AreNotEqual(before, TinyEncoder.Logits(model));
    }

    private static (Tensor States, Tensor Gradient) Run(TaskModel model, EncoderInput input)
    {
        nn.functional.cross_entropy(model.Forward(input), tensor([0L, 1, 2, 1])).backward();
        Tensor gradients = cat([.. model.parameters().Select(p => p.grad!.flatten())]);
        using (no_grad())
            return (model.Encoder.Forward(input).LastHidden, gradients.clone());
    }

    private static double RelativeError(Tensor expected, Tensor actual) =>
        ((expected - actual.to(ScalarType.Float32)).norm() / expected.norm()).item<float>();

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
