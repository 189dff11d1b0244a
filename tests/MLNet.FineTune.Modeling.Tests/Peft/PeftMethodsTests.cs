using System.Reflection;
using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class PeftMethodsTests
{
    public static IEnumerable<object[]> Cases => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void SurviveJson(string name)
    {
        PeftMethod method = MethodCases.All.Single(row => row.Name == name).Create();
        JsonObject json = PeftMethods.ToJson(method);
        PeftMethod back = PeftMethods.FromJson(JsonNode.Parse(json.ToJsonString())!.AsObject());

        Assert.AreEqual(method.GetType(), back.GetType());
        foreach (PropertyInfo property in method.GetType().GetProperties().Where(p => p.CanWrite))
            if (property.GetValue(method) is Array expected)
                CollectionAssert.AreEqual(expected, (Array?)property.GetValue(back), property.Name);
            else if (property.GetValue(method) is System.Collections.IDictionary entries)
                CollectionAssert.AreEqual(entries, (System.Collections.ICollection?)property.GetValue(back), property.Name);
            else
                Assert.AreEqual(property.GetValue(method), property.GetValue(back), property.Name);
    }

    [TestMethod]
    public void EveryMethodHasARowInTheConformanceSuite() => CollectionAssert.AreEquivalent(
        PeftMethods.ByName.Values.ToArray(), MethodCases.All.Select(row => row.Create().GetType()).Distinct().ToArray());

    [TestMethod]
    [DataRow("""{}""", "''", "lora")]
    [DataRow("""{"method":7}""", "''", "lora")]
    [DataRow("""{"method":"lor"}""", "'lor'", ", lora")]
    [DataRow("""{"method":"lora","Rnak":4}""", "'lora'", "Rnak")]
    [DataRow("""{"method":"lora","Rank":"four"}""", "'lora'", "Rank")]
    [DataRow("""{"method":"lora","Rank":0}""", "'lora'", "Rank is 0")]
    [DataRow("""{"method":"lora","Alpha":0}""", "'lora'", "Alpha is 0")]
    [DataRow("""{"method":"lora","RankPattern":{"query":-1}}""", "'lora'", "RankPattern['query'] is -1")]
    [DataRow("""{"method":"lora","RankPattern":{"(":1}}""", "'lora'", "no regular expression")]
    [DataRow("""{"method":"lora","AlphaPattern":{"query":0}}""", "'lora'", "AlphaPattern['query'] is 0")]
    [DataRow("""{"method":"lora","UseDora":true,"Initialization":"Pissa"}""", "'lora'", "UseDora")]
    [DataRow("""{"method":"lora","Initialization":"Loftq"}""", "'lora'", "Initialization")]
    [DataRow("""{"method":"ia3","Targets":"None"}""", "'ia3'", "Targets is None")]
    [DataRow("""{"method":"ia3","InputPattern":"("}""", "'ia3'", "InputPattern")]
    [DataRow("""{"method":"adalora","InitialRank":4,"TargetRank":5}""", "'adalora'", "at least TargetRank, 5")]
    [DataRow("""{"method":"adalora","SensitivityDecay":1}""", "'adalora'", "SensitivityDecay is 1")]
    [DataRow("""{"method":"adalora","RankPattern":{"query":13}}""", "'adalora'", "RankPattern['query'] is 13")]
    [DataRow("""{"method":"adalora","AllocateEverySteps":0}""", "'adalora'", "AllocateEverySteps is 0")]
    [DataRow("""{"method":"chain-of-lora","Links":0}""", "'chain-of-lora'", "Links is 0")]
    [DataRow("""{"method":"svfit","Rank":0}""", "'svfit'", "Rank is 0")]
    [DataRow("""{"method":"dsee","SparseCount":0}""", "'dsee'", "SparseCount is 0")]
    [DataRow("""{"method":"dsee","PruneShare":1}""", "'dsee'", "PruneShare is 1")]
    [DataRow("""{"method":"autolora","MeanRank":9}""", "'autolora'", "MeanRank is 9")]
    [DataRow("""{"method":"lora","Dropout":1}""", "'lora'", "Dropout is 1")]
    [DataRow("""{"method":"lora","Targets":"None"}""", "'lora'", "Targets is None")]
    [DataRow("""{"method":"lora","Targets":"Elbow"}""", "'lora'", "Targets")]
    [DataRow("""{"method":"lora","Targets":3}""", "'lora'", "Targets")]
    [DataRow("""{"method":"lora","TargetPattern":"["}""", "'lora'", "no regular expression")]
    [DataRow("""{"method":"head","Rank":1}""", "'head'", "Rank")]
    public void WhatIsNotKnownIsRefused(string json, string found, string expected)
    {
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => PeftMethods.FromJson(JsonNode.Parse(json)!.AsObject()));
        StringAssert.Contains(e.Message, found);
        StringAssert.Contains(e.Message, expected);
    }

    [TestMethod]
    public void NoTargetIsAnErrorThatNamesTheModelsProjections()
    {
        using TaskModel model = TinyEncoder.Model("deberta-v2");
        float[] unchanged = TinyEncoder.Logits(model);
        foreach (Lora method in new[] { new Lora { Layers = [], Targets = TargetModules.Query }, new Lora { TargetPattern = "query" } })
        {
            ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, method));
            StringAssert.Contains(e.Message, "deberta.encoder.layer.0.attention.self.query_proj");
            StringAssert.Contains(e.Message, method.Layers is null ? "'query'" : "Targets is Query, Layers is []");
        }
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void TheClassifierIsNoTarget()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { TargetPattern = ".*" });
        Assert.IsTrue(adapter.Placed.All(placed => placed.Path != "head.output"));
        Assert.IsTrue(adapter.TrainedBase.Any(p => p.Name == "head.output.weight"), "the classifier itself trains");
    }

    [TestMethod]
    [DataRow(4, 8f, false, 2.0)]
    [DataRow(4, 8f, true, 4.0)]
    public void TheUpdateIsScaledByAlphaOverRankOrItsRoot(int rank, float alpha, bool stabilized, double scale)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Rank = rank, Alpha = alpha, RankStabilized = stabilized });
        var placed = (LoraLinear)adapter.Placed[0].Module;
        using (TorchSharp.torch.no_grad())
        {
            placed.B.normal_();
            float expected = (float)(scale * Enumerable.Range(0, rank).Sum(r => placed.B[3, r].item<float>() * placed.A[r, 5].item<float>()));
            Assert.AreEqual(expected, placed.WeightDelta(adapter.Placed[0].Linear!.Weight)![3, 5].item<float>(), 1e-5f);
        }
    }
}
