using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Ranks and scales by name, DoRA, and the initialisations that start from the weight.</summary>
[TestClass]
public sealed class LoraVariantsTests
{
    private const string Query0 = "bert.encoder.layer.0.attention.self.query";

    [TestMethod]
    [DataRow("query", 3)]
    [DataRow("self.query", 3)]
    [DataRow(Query0, 3)]
    [DataRow(@"layer\.[01]\..*(query|key)", 3)]
    [DataRow("uery", 8, DisplayName = "a part of a segment")]
    [DataRow("encoder", 8, DisplayName = "not the end")]
    public void APatternMatchesTheEndOfThePathInWholeSegments(string name, int rank) =>
        Assert.AreEqual(rank, new Lora { RankPattern = new() { [name] = 3 } }.RankOf(Query0));

    [TestMethod]
    public void TheFirstPatternCounts() =>
        Assert.AreEqual(2, new Lora { RankPattern = new() { ["layer.0.*query"] = 2, ["query"] = 5 } }.RankOf(Query0));

    [TestMethod]
    public void RankAndAlphaOfAProjectionDecideItsScale()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora
        {
            Rank = 4, Alpha = 8, Targets = TargetModules.Query | TargetModules.Value, RankPattern = new() { ["query"] = 2, ["layer.1.attention.self.value"] = 0 }, AlphaPattern = new() { ["layer.1.attention.self.query"] = 3 },
        });
        Dictionary<string, LoraLinear> modules = adapter.Placed.ToDictionary(placed => placed.Path, placed => (LoraLinear)placed.Module);

        CollectionAssert.AreEqual(
            (string[])["encoder.layers.0.attention.query", "encoder.layers.0.attention.value", "encoder.layers.1.attention.query"], modules.Keys.Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual(8 / 2.0, modules["encoder.layers.0.attention.query"].Scaling);
        Assert.AreEqual(8 / 4.0, modules["encoder.layers.0.attention.value"].Scaling);
        Assert.AreEqual(3 / 2.0, modules["encoder.layers.1.attention.query"].Scaling);
    }

    [TestMethod]
    public void PatternsComeBackFromPeftsFile()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { RankPattern = new() { ["query"] = 2 }, AlphaPattern = new() { ["query"] = 2.5f }, UseDora = true });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        var back = (Lora)adapter.Method.ReadAdapterConfig(json, "ours");

        Assert.AreEqual("""{"query":2}""", json["rank_pattern"]!.ToJsonString());
        Assert.AreEqual("""{"query":2.5}""", json["alpha_pattern"]!.ToJsonString());
        Assert.AreEqual(2, back.RankPattern!["query"]);
        Assert.AreEqual(2.5f, back.AlphaPattern!["query"]);
        Assert.IsTrue(back.UseDora);
    }

    /// <summary>peft knows no rank 0: there, the projection is no target.</summary>
    [TestMethod]
    public void AProjectionWithoutUpdateIsNoTargetInPeftsFile()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Targets = TargetModules.Query | TargetModules.Value, RankPattern = new() { ["layer.0.attention.self.query"] = 0, ["query"] = 2 } });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");

        CollectionAssert.AreEqual((string[])["1.attention.self.query", "value"], json.Texts("target_modules", "ours"));
        Assert.AreEqual("""{"1.attention.self.query":2}""", json["rank_pattern"]!.ToJsonString());
    }

    [TestMethod]
    public void NoUpdateAtAllIsAnError()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        Assert.Contains("RankPattern", Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new Lora { RankPattern = new() { [".*"] = 0 } })).Message);
    }

    /// <summary>Every row of the weight has the trained length and the direction of W + ΔW, row by row in double precision.</summary>
    [TestMethod]
    public void DoraScalesRowsToTheirTrainedLength()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { UseDora = true, Rank = 2, Alpha = 6, Targets = TargetModules.FeedForwardIn });
        var module = (DoraLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        using var _ = no_grad();
        module.B.normal_();
        module.Magnitude.uniform_(0.5, 2);

        float[] w = [.. linear.Weight.data<float>()], a = [.. module.A.data<float>()], b = [.. module.B.data<float>()], m = [.. module.Magnitude.data<float>()];
        float[] delta = [.. module.WeightDelta(linear.Weight).contiguous().data<float>()];
        for (int row = 0; row < linear.Outputs; row++)
        {
            double[] changed = [.. Enumerable.Range(0, linear.Inputs).Select(i => w[row * linear.Inputs + i] + 3.0 * (b[2 * row] * a[i] + b[2 * row + 1] * (double)a[linear.Inputs + i]))];
            double length = Math.Sqrt(changed.Sum(value => value * value));
            for (int i = 0; i < linear.Inputs; i++)
                Assert.AreEqual(m[row] * changed[i] / length, w[row * linear.Inputs + i] + delta[row * linear.Inputs + i], 1e-5);
        }
    }

    /// <summary>The gradient of A with the length held fixed (section 4.3), against a finite difference of just that function.</summary>
    [TestMethod]
    public void DorasLengthIsAConstantToTheGradient()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { UseDora = true, Rank = 2, Alpha = 2, Targets = TargetModules.Query, Layers = [0] });
        var module = (DoraLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        using (no_grad())
            module.B.normal_();
        Tensor x = randn(3, linear.Inputs), direction = randn(3, linear.Outputs);
        (linear.Forward(x) * direction).sum().backward();
        using var _ = no_grad();
        Tensor lengths = (linear.Weight + module.B.matmul(module.A)).square().sum(1).sqrt();
        Tensor row = module.Magnitude / lengths;
        // d/dA of Σ direction ⊙ row ⊙ (x Aᵀ Bᵀ).
        Tensor expected = (direction * row).matmul(module.B).t().matmul(x);
        Assert.IsLessThan(1e-4f, (expected - module.A.grad!).abs().max().item<float>());
        Tensor projected = nn.functional.linear(x, linear.Weight + module.B.matmul(module.A));
        Assert.IsLessThan(1e-4f, ((direction * projected).sum(dim: 0) / lengths - module.Magnitude.grad!).abs().max().item<float>());
    }

    [TestMethod]
    public void ARowOfZerosStaysFinite()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using (no_grad())
            model.Linears().First(linear => linear.Linear.Role == TargetModules.Query).Linear.Weight[0].zero_();
        float[] expected = TinyEncoder.Logits(model);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { UseDora = true });
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    /// <summary>The best approximation of rank r (Eckart and Young): what is left has exactly the singular values from r on.</summary>
    [TestMethod]
    public void PissaStartsFromTheLargestSingularValues()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Initialization = LoraInitialization.Pissa, Rank = 3, Targets = TargetModules.FeedForwardOut });
        var module = (DecomposedLoraLinear)adapter.Placed[0].Module;
        Tensor weight = adapter.Placed[0].Linear!.Weight;
        Tensor rest = weight - module.B.matmul(module.A) * module.Scaling;

        float[] values = [.. linalg.svdvals(weight).data<float>()], left = [.. linalg.svdvals(rest).data<float>()];
        for (int i = 3; i < values.Length; i++)
            Assert.AreEqual(values[i], left[i - 3], 1e-4f);
        // A and B share the singular value evenly.
        Assert.AreEqual(values[0] / module.Scaling, module.A[0].square().sum().item<float>() * 1.0, 1e-3);
        Assert.AreEqual(values[0] / module.Scaling, module.B.select(1, 0).square().sum().item<float>() * 1.0, 1e-3);
    }

    [TestMethod]
    public void OrthogonalStartsFromOrthonormalColumnsOfTheWeight()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Initialization = LoraInitialization.Orthogonal, Rank = 3 });
        var module = (DecomposedLoraLinear)adapter.Placed[0].Module;

        Assert.IsLessThan(1e-5f, (module.B.t().matmul(module.B) - eye(3)).abs().max().item<float>());
        // R is triangular: the first three columns of the weight are in it whole.
        Assert.IsLessThan(1e-5f, (module.B.matmul(module.A) - adapter.Placed[0].Linear!.Weight).narrow(1, 0, 3).abs().max().item<float>());
    }

    [TestMethod]
    [DataRow(LoraInitialization.Pissa, false)]
    [DataRow(LoraInitialization.Orthogonal, true)]
    public void WhatTrainingLeavesIsPlainLoraOfTwiceTheRank(LoraInitialization initialization, bool stabilized)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        PeftAdapter adapter = PeftAdapter.Attach(model, new Lora
        {
            Initialization = initialization, Rank = 3, RankStabilized = stabilized, RankPattern = new() { ["value"] = 2 }, AlphaPattern = new() { ["value"] = 3 },
        });
        Trainee.Train(adapter, steps: 5);
        float[] expected = TinyEncoder.Logits(model);
        Assert.IsNull(AdapterFiles.Config(adapter));

        using PeftAdapter finished = adapter.Finish();
        var method = (Lora)finished.Method;
        Assert.AreEqual((6, 4, LoraInitialization.Default), (method.Rank, method.RankPattern!["value"], method.Initialization));
        Close(expected, TinyEncoder.Logits(model), 1e-4f);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(AdapterFiles.ConfigFile), AdapterFiles.Config(finished)!);
        using (FileStream file = File.Create(folder.File(AdapterFiles.WeightsFile)))
            AdapterFiles.SaveWeights(finished, file);
        using TaskModel fresh = TinyEncoder.Model("bert");
        using (PeftAdapter loaded = AdapterFiles.Load(fresh, folder.Path))
            Close(expected, TinyEncoder.Logits(fresh), 1e-4f);
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(fresh));
    }

    [TestMethod]
    public void ARankAboveTheWeightsIsRefusedWhereItStartsFromIt()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        long tensors = LiveTensors.Count();
        Assert.Contains("at most 16", Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new Lora { Initialization = LoraInitialization.Pissa, Rank = 17 })).Message);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    private static void Close(float[] expected, float[] actual, float tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
