using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class PTuningTests
{
    public static IEnumerable<object[]> Encoders => new[] { PromptEncoder.Mlp, PromptEncoder.Lstm }.Select(encoder => new object[] { encoder });

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void TheLstmIsThatOfPyTorch(int layers)
    {
        using var scope = NewDisposeScope();
        using var ours = new BidirectionalLstm(5, 4, layers, dropout: 0.5, CPU);
        using var theirs = nn.LSTM(5, 4, layers, bidirectional: true);
        using (no_grad())
            foreach (var (name, parameter) in theirs.named_parameters())
                parameter.copy_(ours.get_parameter(name)!);
        ours.eval();
        Tensor sequence = randn(6, 5);

        (Tensor expected, _, _) = theirs.call(sequence.unsqueeze(1));
        Tensor actual = ours.Forward(sequence);
        ByHand.AssertClose(expected.squeeze(1), actual);

        expected.square().sum().backward();
        actual.square().sum().backward();
        foreach (var (name, parameter) in theirs.named_parameters())
            ByHand.AssertClose(parameter.grad!, ours.get_parameter(name)!.grad!);
    }

    [TestMethod]
    public void TheNetworkIsLinearLayersWithReluBetweenThem()
    {
        using var scope = NewDisposeScope();
        using var vectors = new PromptNetwork(3, [4, 6, 2], FineTune.Encoders.Activation.Relu, CPU);
        Tensor Weight(string name) => vectors.get_parameter(name)!;
        Tensor expected = (vectors.Table.matmul(Weight("layers_0.weight").t()) + Weight("layers_0.bias")).clamp_min(0).matmul(Weight("layers_1.weight").t()) + Weight("layers_1.bias");
        ByHand.AssertClose(expected, vectors.Columns(0, 2));
        ByHand.AssertClose(expected.narrow(1, 1, 1), vectors.Columns(1, 1));
    }

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void FinishLeavesAPromptAlone(PromptEncoder encoder)
    {
        using TaskModel model = TinyEncoder.Model("albert");
        PeftAdapter adapter = PeftAdapter.Attach(model, new PTuning { Length = 3, Encoder = encoder, EncoderHiddenSize = 8, EncoderDropout = 0.5f });
        Trainee.Train(adapter, steps: 2);
        float[] expected = TinyEncoder.Logits(model);
        Assert.IsNull(AdapterFiles.Config(adapter), "an adapter in training is none of peft's");
        // As training leaves it.
        adapter.Train(true);

        using PeftAdapter finished = adapter.Finish();
        finished.Train(false);

        float[] logits = TinyEncoder.Logits(model);
        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(expected[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
        Assert.AreEqual(3L * model.Encoder.Config.EmbeddingSize, finished.Own.Sum(p => p.Parameter.numel()));
        Assert.AreSame(finished, finished.Finish());
    }

    [TestMethod]
    public void DropoutIsForTrainingOnly()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PTuning { Length = 3, Encoder = PromptEncoder.Lstm, EncoderHiddenSize = 8, EncoderDropout = 0.5f });
        CollectionAssert.AreEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(model));
        adapter.Train(true);
        CollectionAssert.AreNotEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        foreach ((PTuning method, string expected) in new (PTuning, string)[]
        {
            (new() { Length = 0 }, "Length is 0"), (new() { EncoderHiddenSize = 0 }, "EncoderHiddenSize is 0"), (new() { EncoderLayers = 0 }, "EncoderLayers is 0"),
            (new() { EncoderLayers = 17 }, "EncoderLayers is 17"), (new() { EncoderDropout = -1 }, "EncoderDropout is -1"), (new() { Encoder = (PromptEncoder)5 }, "Encoder is 5"),
        })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(method.Validate).Message, expected);
        new PTuning { EncoderLayers = 1 }.Validate();
    }

    /// <summary>peft's network has two hidden layers whatever its configuration says: three linear ones.</summary>
    [TestMethod]
    public void TheDefaultNetworkIsThatOfPeft()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PTuning { Length = 3 });
        CollectionAssert.AreEqual((string[])["128 × 16", "128 × 128", "16 × 128"],
            adapter.Own.Where(p => p.Name.EndsWith(".weight", StringComparison.Ordinal)).Select(p => string.Join(" × ", p.Parameter.shape)).ToArray());
    }
}
