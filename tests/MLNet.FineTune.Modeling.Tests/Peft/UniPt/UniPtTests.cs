using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft.UniPtMethod;

[TestClass]
public sealed class UniPtTests
{
    /// <summary>Training mode, gradients on: nothing of the encoder is in the graph, and the parallel network is.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void NoGraphIsBuiltThroughTheEncoder(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new UniPt());
        new TrainingMode(model, adapter).Train();
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);

        EncoderOutput output = model.Encoder.Forward(input, allHiddenStates: true);

        Assert.HasCount(model.Encoder.Config.LayerCount + 1, output.HiddenStates);
        foreach (Tensor state in output.HiddenStates)
            Assert.IsFalse(state.requires_grad);
        Assert.IsTrue(output.LastHidden.requires_grad);
        Assert.AreEqual(model.Encoder.Config.LayerCount, adapter.FrozenLayers);
    }

    /// <summary>The paper's network, text by text and position by position.</summary>
    [TestMethod]
    public void ComputesWhatThePaperSays()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using var module = new UniPtModule(new UniPt { ReductionFactor = 4 }, model.Encoder.Config);
        foreach (var parameter in module.parameters())
            parameter.normal_();
        int[] lengths = [9, 4, 12];
        using EncoderInput input = EncoderInput.Create(TinyEncoder.Rows(3, lengths), null, model.Encoder.Config, CPU);
        Tensor[] states = [.. Enumerable.Range(0, 3).Select(_ => randn(3, 12, 16))];

        Tensor actual = module.Combine(states, input);

        Dictionary<string, Tensor> p = module.named_parameters().ToDictionary(named => named.name, named => (Tensor)named.parameter);
        for (int row = 0; row < 3; row++)
        {
            Tensor expected = OneText([.. states.Select(state => state[row].narrow(0, 0, lengths[row]))], p);
            Assert.IsLessThan(2e-4f, (expected - actual[row].narrow(0, 0, lengths[row])).abs().max().item<float>());
        }
    }

    private static Tensor OneText(Tensor[] states, Dictionary<string, Tensor> p)
    {
        Tensor Linear(string name, Tensor x) => x.matmul(p[name + ".weight"].t()) + p[name + ".bias"];
        Tensor Norm(string name, Tensor x)
        {
            Tensor centred = x - x.mean([-1], keepdim: true);
            return centred / (centred.square().mean([-1], keepdim: true) + 1e-5).sqrt() * p[name + ".weight"] + p[name + ".bias"];
        }

        Tensor[] lowered = [.. states.Select((state, layer) => Norm($"down_norm{layer}", Linear($"down{layer}", state)))];
        Tensor anchor = lowered[^1];
        int length = (int)anchor.size(0);
        var confidence = new List<double>();
        var merged = new List<Tensor>();
        foreach (Tensor other in lowered[..^1])
        {
            confidence.Add(Math.Exp((anchor.mean([0]) * other.mean([0]) * p["confidence.weight"][0]).sum().item<float>()));
            Tensor gathered = zeros_like(other);
            for (int i = 0; i < length; i++)
            {
                double[] weights = [.. Enumerable.Range(0, length).Select(j => Math.Max(0, (anchor[i] * other[j]).sum().item<float>()))];
                double total = weights.Sum();
                for (int j = 0; j < length; j++)
                    gathered[i].add_(other[j] * ((total == 0 ? 0 : weights[j] / total) + (i == j ? 1 : 0)));
            }
            merged.Add(gathered);
        }
        Tensor sum = zeros_like(anchor);
        for (int layer = 0; layer < merged.Count; layer++)
            sum.add_(merged[layer] * (confidence[layer] / confidence.Sum()));
        return Linear("up", nn.functional.relu(anchor + Norm("projection_norm", Linear("projection", sum))));
    }

    /// <summary>Positions before the text, a prompt's, take part as tokens do.</summary>
    [TestMethod]
    public void APromptCountsAsTokens()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using var module = new UniPtModule(new UniPt(), model.Encoder.Config);
        Tensor[] states = [.. Enumerable.Range(0, 3).Select(_ => randn(2, 10, 16))];
        using EncoderInput shorter = EncoderInput.Create(TinyEncoder.Rows(3, 8, 5), null, model.Encoder.Config, CPU);
        using EncoderInput whole = EncoderInput.Create(TinyEncoder.Rows(3, 10, 7), null, model.Encoder.Config, CPU);

        Assert.AreEqual(0f, (module.Combine(states, shorter) - module.Combine(states, whole)).abs().max().item<float>());
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new UniPt { ReductionFactor = 0 }.Validate).Message, "UniPt.ReductionFactor is 0");
}
