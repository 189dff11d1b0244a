using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary>Where a head reads the first vector of a text only, the last layer computes no other.</summary>
[TestClass]
public sealed class FirstVectorTests
{
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void IsThatOfTheWholeLayer(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        (Tensor expected, Tensor[] gradients) = Run(model, input, firstOnly: false);
        (Tensor actual, Tensor[] same) = Run(model, input, firstOnly: true);

        CollectionAssert.AreEqual((long[])[4, 1, 16], actual.shape);
        Assert.IsLessThan(1e-5f, (expected - actual).abs().max().item<float>());
        for (int i = 0; i < gradients.Length; i++)
            Assert.IsLessThan(1e-4f, (gradients[i] - same[i]).abs().max().item<float>(), model.Encoder.named_parameters().ElementAt(i).name);
    }

    [TestMethod]
    [DataRow(PoolingMode.Cls, 1)]
    [DataRow(PoolingMode.Mean, 12)]
    [DataRow(PoolingMode.Max, 12)]
    public void IsAllThatIsComputedForAHeadThatReadsNoOther(PoolingMode pooling, int vectors)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert", pooling: pooling);
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        Assert.AreEqual(vectors, model.Encode(input).LastHidden.size(1));
        Assert.AreEqual(12, model.Encoder.Forward(input, allHiddenStates: true, firstOnly: true).LastHidden.size(1), "all states were asked for");
    }

    private static (Tensor First, Tensor[] Gradients) Run(TaskModel model, EncoderInput input, bool firstOnly)
    {
        foreach (var parameter in model.parameters())
            parameter.grad = null;
        Tensor first = model.Encoder.Forward(input, firstOnly: firstOnly).LastHidden.narrow(1, 0, 1);
        (first * linspace(-1, 1, 16)).sum().backward();
        return (first.detach(), [.. model.Encoder.parameters().Select(parameter => parameter.grad?.clone() ?? zeros(1))]);
    }
}
