using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Which projections LoRA adapts where none are named.</summary>
[TestClass]
public sealed class LoraTargetsTests
{
    private const TargetModules QueryAndValue = TargetModules.Query | TargetModules.Value;

    /// <summary>Layers that share their weights count: ALBERT's twelve are no shallow encoder.</summary>
    [TestMethod]
    [DataRow("bert", 1, TargetModules.AllLinear, 6)]
    [DataRow("bert", 3, TargetModules.AllLinear, 18)]
    [DataRow("bert", 4, QueryAndValue, 8)]
    [DataRow("albert", 3, TargetModules.AllLinear, 6)]
    [DataRow("albert", 4, QueryAndValue, 2)]
    public void FollowTheDepth(string family, int layers, TargetModules expected, int places)
    {
        using TaskModel model = Model(family, layers);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Rank = 2 });
        Assert.AreEqual(new Lora { Rank = 2, Targets = expected }, adapter.Method);
        Assert.HasCount(places, adapter.Placed);
        Assert.AreEqual($"lora(rank=2, targets={(expected == QueryAndValue ? "query|value" : "all_linear")})", adapter.Method.Format());
    }

    [TestMethod]
    public void WhatIsNamedStays()
    {
        using TaskModel model = Model("bert", layers: 1);
        foreach (Lora method in new[] { new Lora { Targets = TargetModules.Key }, new Lora { TargetPattern = ".*query" } })
        {
            using PeftAdapter adapter = PeftAdapter.Attach(model, method);
            Assert.AreEqual(method, adapter.Method);
            Assert.HasCount(1, adapter.Placed);
        }
    }

    [TestMethod]
    public void PartsOfUnionsFollowItToo()
    {
        using TaskModel model = Model("bert", layers: 1);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new BitFit(), new PeftUnion(new Lora())));
        Assert.AreEqual(new PeftUnion(new BitFit(), new PeftUnion(new Lora { Targets = TargetModules.AllLinear })), adapter.Method);
    }

    /// <summary>The paper has LoRA on query and value at every depth.</summary>
    [TestMethod]
    public void UniPeltNamesItsOwn() => Assert.AreEqual(QueryAndValue, PeftUnion.UniPelt().Parts.OfType<Lora>().Single().Targets);

    /// <summary>A classifier that was saved does not ask the rule again.</summary>
    [TestMethod]
    public void WhatItBecameIsSaved()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new Lora { Rank = 2 }));
        Assert.AreEqual(new Lora { Rank = 2, Targets = TargetModules.AllLinear }, TextClassifierSettings.Read(classifier.Settings.Write(), "settings").PeftMethod);
    }

    [TestMethod]
    public void TheTextFormTellsThemApart()
    {
        Assert.AreEqual("lora", new Lora().Format());
        Assert.AreEqual(new Lora(), PeftMethod.Parse("lora(targets=null)"));
        Assert.AreEqual(new Lora { Targets = QueryAndValue }, PeftMethod.Parse("lora(targets=query|value)"));
    }

    private static TaskModel Model(string family, int layers)
    {
        JsonObject json = TinyEncoder.Json(family);
        json["num_hidden_layers"] = layers;
        return TinyEncoder.Model(json);
    }
}
