using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft.CompacterMethod;

[TestClass]
public sealed class CompacterTests
{
    [TestMethod]
    [DataRow(4, 1, 16, 8)]
    [DataRow(2, 3, 6, 4)]
    [DataRow(1, 2, 3, 5)]
    public void TheWeightIsTheSumOfKroneckerProducts(int division, int rank, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var rule = new KroneckerRule(division, CPU);
        using var linear = new KroneckerLinear(rule, inputs, outputs, rank, CPU);
        rule.A.normal_();
        linear.Bias.normal_();

        Tensor weight = linear.Weight();

        Tensor expected = zeros(inputs, outputs);
        for (int i = 0; i < division; i++)
            expected += kron(rule.A[i], linear.S[i].matmul(linear.T[i]));
        Assert.IsLessThan(1e-5f, (expected - weight).abs().max().item<float>());
        Tensor x = randn(2, 3, inputs);
        Assert.IsLessThan(1e-4f, (x.matmul(expected) + linear.Bias - linear.Forward(x)).abs().max().item<float>());
    }

    /// <summary>The paper's figure for BERT-base's sizes: per layer 4(k + d) numbers and the biases of two adapters, and n³ for the model.</summary>
    [TestMethod]
    public void HasTheNumbersOfThePaper()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new Compacter { ReductionFactor = 4, TrainNorms = false };
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        const int K = 16, D = 4, Layers = 2;
        Assert.AreEqual(Layers * (4 * (K + D) + 2 * (K + D)) + 4 * 4 * 4, adapter.Own.Sum(p => p.Parameter.numel()));
        Assert.HasCount(1, adapter.Own.Where(p => p.Name == "compacter.a").ToArray());
    }

    [TestMethod]
    [DataRow(16, 4, 4)]
    [DataRow(768, 32, 24)]
    [DataRow(512, 60, 8)]
    public void TheBottleneckIsAMultipleOfTheDivision(int hidden, int reduction, int size) =>
        Assert.AreEqual(size, new Compacter { ReductionFactor = reduction }.SizeFor(hidden));

    [TestMethod]
    public void AllAdaptersShareTheirMatrices()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Compacter { ReductionFactor = 4 });
        CompacterModule[] modules = [.. adapter.Placed.Select(placed => placed.Module).OfType<CompacterModule>()];
        Assert.HasCount(4, modules);
        using (no_grad())
            ((KroneckerRule)adapter.Placed[0].Module).A.zero_();
        foreach (CompacterModule module in modules)
            Assert.AreEqual(0f, module.Down.Weight().abs().sum().item<float>() + module.Up.Weight().abs().sum().item<float>());
    }

    [TestMethod]
    public void AWidthThatDoesNotDivideIsRefused()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        string message = Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new Compacter { Division = 3 })).Message;
        StringAssert.Contains(message, "Division is 3");
        StringAssert.Contains(message, "16");
    }

    [TestMethod]
    public void NormsTrainOnlyWhereAsked()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using (PeftAdapter with = PeftAdapter.Attach(model, new Compacter { Layers = [1] }))
            CollectionAssert.AreEquivalent(
                (string[])["encoder.layers.1.attention_norm.weight", "encoder.layers.1.attention_norm.bias", "encoder.layers.1.ffn_norm.weight", "encoder.layers.1.ffn_norm.bias"],
                with.TrainedBase.Select(p => p.Name).Where(name => name.StartsWith("encoder.", StringComparison.Ordinal)).ToArray());
        using PeftAdapter without = PeftAdapter.Attach(model, new Compacter { TrainNorms = false });
        Assert.IsTrue(without.TrainedBase.All(p => p.Name.StartsWith("head.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        foreach ((Compacter method, string expected) in new[]
        {
            (new Compacter { Sublayers = Sublayers.None }, "Compacter.Sublayers is None"), (new Compacter { Division = 0 }, "Compacter.Division is 0"), (new Compacter { Rank = 0 }, "Compacter.Rank is 0"),
            (new Compacter { ReductionFactor = 0 }, "Compacter.ReductionFactor is 0"), (new Compacter { Activation = (AdapterActivation)7 }, "Compacter.Activation is 7"),
        })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(method.Validate).Message, expected);
    }
}
