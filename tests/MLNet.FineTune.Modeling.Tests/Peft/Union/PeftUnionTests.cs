using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft.Union;

[TestClass]
public sealed class PeftUnionTests
{
    [TestMethod]
    public void AUnionOfOneTrainsAsItsPart()
    {
        float[] Trained(PeftMethod method)
        {
            using TaskModel model = TinyEncoder.Model("bert");
            manual_seed(5);
            using PeftAdapter adapter = PeftAdapter.Attach(model, method);
            Trainee.Train(adapter, steps: 3);
            return TinyEncoder.Logits(model);
        }

        CollectionAssert.AreEqual(Trained(new Lora()), Trained(new PeftUnion(new Lora())));
    }

    [TestMethod]
    public void PartsHaveNamesOfTheirOwn()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new Lora { Targets = TargetModules.Query }, new Lora { Targets = TargetModules.Query }, new BottleneckAdapter { Size = 2 }));
        string[] files = [.. AdapterFiles.Tensors(adapter).Select(tensor => tensor.Key)];

        CollectionAssert.AllItemsAreUnique(files);
        CollectionAssert.Contains(files, "base_model.model.lora.bert.encoder.layer.0.attention.self.query.lora_A.weight");
        CollectionAssert.Contains(files, "base_model.model.lora2.bert.encoder.layer.0.attention.self.query.lora_A.weight");
        CollectionAssert.Contains(files, "base_model.model.bottleneck.encoder.layers.1.ffn_adapter.up.bias");
        CollectionAssert.Contains(files, "base_model.model.classifier.weight");
    }

    /// <summary>Parts see the places they made by their own names, and what they make of them gets the union's names again.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void PartsTrainAndFinishAsIfAlone(bool gated)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        long tensors = LiveTensors.Count();
        var probe = new ProbeMethod();
        PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new BottleneckAdapter { Size = 2 }, new Lora { Rank = 1, Targets = TargetModules.Key }, probe) { Gated = gated });
        Trainee.Train(adapter, steps: 2);
        float[] expected = TinyEncoder.Logits(model);

        CollectionAssert.AreEqual((string[])["probe 1 encoder.layers.0.attention.query.lora_A.weight", "probe 2 encoder.layers.0.attention.query.lora_A.weight"], probe.Log);
        adapter = adapter.Finish();

        // The second LoRA is the probe's.
        Assert.AreEqual(new PeftUnion(new BottleneckAdapter { Size = 2 }, new Lora { Rank = 1, Targets = TargetModules.Key }, new Lora { Rank = 2, Alpha = 4, Targets = TargetModules.Query }) { Gated = gated }, adapter.Method);
        Assert.AreEqual(2L, adapter.Own.Single(own => own.Name == "lora2.encoder.layers.0.attention.query.lora_A.weight").Parameter.size(0));
        float[] actual = TinyEncoder.Logits(model);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
        adapter.Dispose();
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    public void WhatNoGateFitsIsRefused()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        long tensors = LiveTensors.Count();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new PeftUnion(new Lora(), new UniPt()) { Gated = true })).Message, "'unipt'");
        Assert.AreEqual(tensors, LiveTensors.Count());
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
    }

    public static IEnumerable<object[]> Parts() => MethodCases.All.Where(row => !row.Create().ReplacesBase).Select(row => new object[] { row.Name });

    /// <summary>Every method trains beside another, finishes as it does alone, and is loaded again.</summary>
    [TestMethod]
    [DynamicData(nameof(Parts))]
    public void EveryMethodCanBeAPart(string name)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new BottleneckAdapter { Size = 2, Placement = AdapterPlacement.Parallel }, MethodCases.All.Single(row => row.Name == name).Create()));
        Trainee.Train(adapter, steps: 4);
        float[] trained = TinyEncoder.Logits(model);
        adapter = adapter.Finish();
        float[] expected = TinyEncoder.Logits(model);
        AssertClose(trained, expected);
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);

        using TaskModel fresh = TinyEncoder.Model("bert");
        using PeftAdapter again = PeftAdapter.Attach(fresh, PeftMethods.FromJson(PeftMethods.ToJson(adapter.Method)));
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        AdapterFiles.LoadWeights(again, source);
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(fresh));
        adapter.Dispose();
    }

    /// <summary>What one part lets train is no business of another; the head is everybody's.</summary>
    [TestMethod]
    public void PartsSeeWhatTheyTrain()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        const TargetModules Targets = TargetModules.Query | TargetModules.Value;
        var inner = new PeftUnion(new Lora { Bias = LoraBias.LoraOnly, Layers = [0], Targets = Targets }, new Lora { Targets = Targets });
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new BottleneckAdapter { Size = 2, TrainNorms = true, Layers = [1] }, inner));
        string[] Trained(PeftAdapter part) => [.. part.TrainedBase.Select(p => p.Name).Where(name => name.StartsWith("encoder.", StringComparison.Ordinal))];

        string[] biases = ["encoder.layers.0.attention.query.bias", "encoder.layers.0.attention.value.bias"];
        Assert.HasCount(6, Trained(adapter));
        Assert.HasCount(4, Trained(adapter.Part(adapter.Method, "bottleneck.")));
        PeftAdapter union = adapter.Part(inner, "union.");
        CollectionAssert.AreEqual(biases, Trained(union));
        CollectionAssert.AreEqual(biases, Trained(union.Part(inner.Parts[0], "lora.")));
        Assert.HasCount(0, Trained(union.Part(inner.Parts[1], "lora2.")));
        Assert.HasCount(4, union.Part(inner.Parts[1], "lora2.").Placed);
        Assert.IsTrue(union.TrainedBase.Any(p => p.Name.StartsWith("head.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void WhatPartsDoInTrainingIsCombined()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        var union = new PeftUnion(new ProbeMethod(), new Lora(), new ProbeMethod { Reserved = 5 });
        using PeftAdapter adapter = PeftAdapter.Attach(model, union);
        PeftTraining training = union.CreateTraining(adapter)!;

        Assert.AreEqual(8, union.ReservedLength);
        Assert.IsTrue(union.NeedsPreparation);
        Assert.AreEqual(4f, training.Penalty()!.item<float>());
        Assert.IsFalse(training.Settled);
        var bag = new StateBag();
        bag.Values["probe./steps"] = "4";
        bag.Values["probe2./steps"] = "1";
        training.LoadState(bag);
        Assert.IsFalse(training.Settled);
        bag.Values["probe2./steps"] = "2";
        training.LoadState(bag);
        Assert.IsTrue(training.Settled);
        var saved = new StateBag();
        training.SaveState(saved);
        CollectionAssert.AreEquivalent(bag.Values, saved.Values);
        using PeftAdapter plain = PeftAdapter.Attach(model, new PeftUnion(new Lora()));
        Assert.IsNull(plain.Method.CreateTraining(plain));
        Assert.IsNull(plain.Method.Finish(plain));
    }

    [TestMethod]
    public void ScoringDropsWhatAPartDrops()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new Lora(), new BottleneckAdapter { Size = 2, DropLayers = 1 }) { Gated = true });
        CollectionAssert.AreEqual((string[])["bottleneck.encoder.layers.0.ffn_adapter"], adapter.Placed.Where(placed => !placed.AtSite.Active).Select(placed => placed.Name).ToArray());
    }

    [TestMethod]
    public void JsonHoldsTheParts()
    {
        var union = new PeftUnion(new Lora { Rank = 3 }, new PeftUnion(new BottleneckAdapter { Size = 2 }) { Gated = true });
        JsonObject json = PeftMethods.ToJson(union);
        Assert.AreEqual("lora", json["Parts"]![0]!["method"]!.GetValue<string>());
        Assert.AreEqual(union, PeftMethods.FromJson(json));
        Assert.AreEqual(union.GetHashCode(), PeftMethods.FromJson(json).GetHashCode());

        foreach ((string text, string expected) in new[]
        {
            ("""{"method":"union","Parts":[]}""", "Parts is empty"), ("""{"method":"union","Parts":[null]}""", "null"), ("""{"method":"union","Parts":[3]}""", "object"),
            ("""{"method":"union","Parts":[{"method":"lor"}]}""", "'lor'"), ("""{"method":"union","Parts":[{"method":"lora","Rank":0}]}""", "Rank is 0"), ("""{"method":"union","Parts":[{"method":"full"}]}""", "'full'"),
        })
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => PeftMethods.FromJson(JsonNode.Parse(text)!.AsObject())).Message, expected);
    }

    /// <summary>A gate that is shut leaves the base, one that is open the modules without gates.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void GatesLieBetweenTheBaseAndTheUnion(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        float[] shut = TinyEncoder.Logits(model);
        PeftMethod[] parts = [new Lora { Targets = TargetModules.Attention, Rank = 2 }, BottleneckAdapter.Houlsby() with { Size = 2, TrainNorms = false }];
        float[] open, half;
        using (PeftAdapter plain = Moved(model, new PeftUnion(parts)))
            open = TinyEncoder.Logits(model);
        using PeftAdapter gated = Moved(model, new PeftUnion(parts) { Gated = true });
        half = TinyEncoder.Logits(model);

        SetGates(gated, -1000);
        AssertClose(shut, TinyEncoder.Logits(model));
        SetGates(gated, 1000);
        AssertClose(open, TinyEncoder.Logits(model));
        Assert.IsGreaterThan(1e-3f, half.Zip(open, (a, b) => Math.Abs(a - b)).Max());
        Assert.IsGreaterThan(1e-3f, half.Zip(shut, (a, b) => Math.Abs(a - b)).Max());
    }

    /// <summary>The gate is a mean over tokens: what a text gets does not depend on the padding beside it.</summary>
    [TestMethod]
    public void GatesDoNotSeePadding()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new PeftUnion(new Lora { Rank = 2 }, new BottleneckAdapter { Size = 2 }) { Gated = true });
        foreach (AdapterParameter parameter in adapter.Own.Where(own => own.Name.Contains("gate")))
            using (no_grad())
                parameter.Parameter.normal_();
        int[][] rows = TinyEncoder.Rows(3, 9, 4, 12);
        EncoderConfig config = model.Encoder.Config;
        float[] together = TinyEncoder.Logits(model, EncoderInput.Create(rows, null, config, CPU));
        float[] alone = [.. rows.SelectMany(row => TinyEncoder.Logits(model, EncoderInput.Create([row], null, config, CPU)))];
        AssertClose(together, alone);
    }

    /// <summary>A method that changes the weight is gated through what the projection gives.</summary>
    [TestMethod]
    public void ChangesOfInputAndWeightAreGatedToo()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var linear = new AdaptableLinear(TargetModules.Query, 0, 4, 3, CPU);
        linear.Weight.normal_();
        linear.Bias.normal_();
        var gated = new GatedLinear(new Doubling(), linear);
        Tensor x = randn(2, 5, 4), y = linear.Forward(x);
        linear.Site.Place(gated);
        Tensor weight = gated.get_parameter("gate.dense.weight")!, bias = gated.get_parameter("gate.dense.bias")!;
        bias.fill_(0.3);

        // Input and weight doubled: the product is four times as large, the bias is added once, and all is negated.
        Tensor gate = (x.matmul(weight.t()) + bias).sigmoid().mean([1], keepdim: true);
        Tensor expected = y + gate * (-(4 * (y - linear.Bias) + linear.Bias) - y);
        Assert.IsLessThan(1e-4f, (expected - linear.Forward(x)).abs().max().item<float>());
    }

    private sealed class Doubling() : LinearAdapter(nameof(Doubling))
    {
        public override Tensor AdaptInput(Tensor input) => input * 2;

        public override Tensor AdaptWeight(Tensor weight) => weight * 2;

        public override Tensor AdaptOutput(Tensor input, Tensor output) => output.neg_();
    }

    private static PeftAdapter Moved(TaskModel model, PeftMethod method)
    {
        using var _ = no_grad();
        PeftAdapter adapter = PeftAdapter.Attach(model, method);
        manual_seed(3);
        foreach (AdapterParameter parameter in adapter.Own.Where(own => !own.Name.Contains("gate")))
            parameter.Parameter.normal_(0, 0.4);
        return adapter;
    }

    private static void SetGates(PeftAdapter adapter, double bias)
    {
        using var _ = no_grad();
        foreach (AdapterParameter parameter in adapter.Own.Where(own => own.Name.EndsWith("gate.dense.bias", StringComparison.Ordinal)))
            parameter.Parameter.fill_(bias);
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
    }
}
