using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class Ia3Tests
{
    /// <summary>Scaled are the outputs of key and value, bias included, and the input of the second projection of the feed-forward network.</summary>
    [TestMethod]
    [DataRow(TargetModules.Key, false)]
    [DataRow(TargetModules.Value, false)]
    [DataRow(TargetModules.FeedForwardOut, true)]
    public void ScalesWhatThePaperScales(TargetModules role, bool input)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Ia3());
        Placement placed = adapter.Placed.First(placed => placed.Linear!.Role == role);
        var module = (Ia3Linear)placed.Module;
        AdaptableLinear linear = placed.Linear!;
        module.Factors.normal_();
        Tensor x = randn(5, linear.Inputs), factors = module.Factors.flatten();

        Tensor expected = input ? (x * factors).matmul(linear.Weight.t()) + linear.Bias : (x.matmul(linear.Weight.t()) + linear.Bias) * factors;
        Assert.IsLessThan(1e-5f, (expected - linear.Forward(x)).abs().max().item<float>());
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void ModulesScaledAtTheirInputAreAmongTheTargetsNameByName(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Ia3 { Targets = TargetModules.AllLinear });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        string[] inputs = json.Texts("feedforward_modules", "ours")!, targets = json.Texts("target_modules", "ours")!;
        CollectionAssert.IsSubsetOf(inputs, targets);

        bool Selects(string[] names, Placement placed) => names.Any(name => model.Names.Module(placed.Path).EndsWith(name, StringComparison.Ordinal));
        foreach (Placement placed in adapter.Placed)
            Assert.AreEqual(placed.Linear!.Role == TargetModules.FeedForwardOut, Selects(inputs, placed), placed.Path);
    }
}
