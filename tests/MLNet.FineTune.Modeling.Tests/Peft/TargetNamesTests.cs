using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class TargetNamesTests
{
    private static readonly TargetModules[] Roles = [.. Enum.GetValues<TargetModules>().Where(role => int.IsPow2((int)role))];

    /// <summary>All sets of roles, by both rules that peft has had: the end of the name, and whole segments of it.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void SelectExactlyTheTargets(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        var modules = model.Linears().Select(linear => (linear.Path, linear.Linear.Role, Name: model.Names.Module(linear.Path))).ToList();
        Assert.HasCount(7, Roles);
        for (int set = 1; set < 1 << Roles.Length; set++)
        {
            var roles = Roles.Where((_, i) => (set >> i & 1) == 1).Aggregate((a, b) => a | b);
            string[] targets = [.. modules.Where(m => (m.Role & roles) != 0).Select(m => m.Path)];

            IReadOnlyList<string> names = TargetNames.Of(model, targets);

            CollectionAssert.AreEqual(targets, modules.Where(m => names.Any(name => m.Name.EndsWith(name, StringComparison.Ordinal))).Select(m => m.Path).ToArray(), $"{roles}: {string.Join(", ", names)}");
            CollectionAssert.AreEqual(targets, modules.Where(m => names.Any(name => m.Name == name || m.Name.EndsWith("." + name, StringComparison.Ordinal))).Select(m => m.Path).ToArray(), $"{roles}: {string.Join(", ", names)}");
        }
    }

    [TestMethod]
    public void AreShort()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        string[] Names(TargetModules roles) => [.. TargetNames.Of(model, model.Linears().Where(linear => (linear.Linear.Role & roles) != 0).Select(linear => linear.Path))];

        CollectionAssert.AreEqual((string[])["query", "value"], Names(TargetModules.Query | TargetModules.Value));
        CollectionAssert.AreEqual((string[])["dense", "key", "query", "value"], Names(TargetModules.AllLinear | TargetModules.Pooler));
        CollectionAssert.AreEqual((string[])["intermediate.dense"], Names(TargetModules.FeedForwardIn));
    }

    /// <summary>Layer 1 of twelve is not layer 11.</summary>
    [TestMethod]
    public void TellLayersApart()
    {
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("bert"), ("num_hidden_layers", 12)));
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Layers = [1], Targets = TargetModules.Query });
        CollectionAssert.AreEqual((string[])["encoder.layers.1.attention.query"], adapter.Placed.Select(placed => placed.Path).ToArray());

        string[] names = [.. TargetNames.Of(model, adapter.Placed.Select(placed => placed.Path))];
        string[] selected = [.. model.Linears().Select(linear => model.Names.Module(linear.Path)).Where(name => names.Any(end => name.EndsWith(end, StringComparison.Ordinal)))];
        CollectionAssert.AreEqual((string[])["bert.encoder.layer.1.attention.self.query"], selected);
    }

    [TestMethod]
    public void SharedLayersOfAlbertCarryOneUpdate()
    {
        using TaskModel model = TinyEncoder.Model("albert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Targets = TargetModules.AllLinear });
        Assert.AreEqual(2, model.Encoder.Config.LayerCount);
        Assert.HasCount(6, adapter.Placed);
    }
}
