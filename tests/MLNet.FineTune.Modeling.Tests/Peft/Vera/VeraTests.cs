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
public sealed class VeraTests
{
    /// <summary>y_i + b_i Σ_k B_ik d_k Σ_j A_kj x_j, summed up number by number; narrower projections use the first columns of A and rows of B.</summary>
    [TestMethod]
    [DataRow(TargetModules.Query)]
    [DataRow(TargetModules.FeedForwardIn)]
    [DataRow(TargetModules.FeedForwardOut)]
    public void AddsWhatThePaperSays(TargetModules role)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5 });
        VeraProjections shared = Shared(adapter);
        CollectionAssert.AreEqual(new long[] { 5, 32 }, shared.A.shape);
        CollectionAssert.AreEqual(new long[] { 32, 5 }, shared.B.shape);
        Placement placed = adapter.Placed.First(placed => placed.Linear?.Role == role);
        var module = (VeraLinear)placed.Module;
        AdaptableLinear linear = placed.Linear!;
        module.VectorB.normal_();
        module.VectorD.normal_();
        Tensor x = randn(linear.Inputs);
        float[] input = Numbers(x), d = Numbers(module.VectorD), b = Numbers(module.VectorB), a = Numbers(shared.A), up = Numbers(shared.B);
        float[] plain = Numbers(x.matmul(linear.Weight.t()) + linear.Bias), actual = Numbers(linear.Forward(x.unsqueeze(0)));
        for (int i = 0; i < linear.Outputs; i++)
        {
            double sum = 0;
            for (int k = 0; k < 5; k++)
            {
                double low = 0;
                for (int j = 0; j < linear.Inputs; j++)
                    low += a[k * 32 + j] * input[j];
                sum += up[i * 5 + k] * d[k] * low;
            }
            Assert.AreEqual(plain[i] + b[i] * sum, actual[i], 1e-4);
        }
    }

    /// <summary>What <c>torch.manual_seed(0); torch.rand(…)</c> gives in Python, stretched to ± √(6 / columns): A is drawn first.</summary>
    [TestMethod]
    public void TheMatricesAreThoseOfPythonsGenerator()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5 });
        double[] uniform = [0.4962566, 0.7682218, 0.0884774, 0.1320305, 0.3074228, 0.6340787, 0.4900934, 0.8964447, 0.4556280, 0.6323063];
        double bound = Math.Sqrt(6.0 / 32);
        float[] a = Numbers(Shared(adapter).A);
        for (int i = 0; i < uniform.Length; i++)
            Assert.AreEqual((2 * uniform[i] - 1) * bound, a[i], 1e-6);
        Assert.IsLessThan(Math.Sqrt(6.0 / 5), Numbers(Shared(adapter).B).Max(Math.Abs));
        Assert.IsGreaterThan(0.9 * Math.Sqrt(6.0 / 5), Numbers(Shared(adapter).B).Max(Math.Abs));
    }

    [TestMethod]
    public void TheSeedDecidesTheMatricesAndNothingElseDoes()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] first, again, other;
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5, ProjectionSeed = 3 }))
            first = Numbers(Shared(adapter).A);
        manual_seed(12345);
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5, ProjectionSeed = 3 }))
            again = Numbers(Shared(adapter).A);
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5, ProjectionSeed = 4 }))
            other = Numbers(Shared(adapter).A);
        CollectionAssert.AreEqual(first, again);
        CollectionAssert.AreNotEqual(first, other);
    }

    /// <summary>Table 2 of the paper: 0.043 million for query and value of RoBERTa-base at rank 1024, which is 24 · (768 + 1024).</summary>
    [TestMethod]
    public void TrainsAsManyNumbersAsThePaperReports()
    {
        using TaskModel model = Published.BertBase();
        Assert.AreEqual(43_008, Published.TrainedInEncoder(model, new Vera { Rank = 1024 }));
    }

    /// <summary>The names that peft gives them, with and without the matrices.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void FilesAreNamedAsPeftNamesThem(bool saveProjections)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5, Targets = TargetModules.Query, Layers = [1], SaveProjections = saveProjections });
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        const string Query = "base_model.model.bert.encoder.layer.1.attention.self.query.vera_lambda_";
        string[] expected = [Query + "b", Query + "d", .. saveProjections ? new[] { "base_model.vera_A", "base_model.vera_B" } : []];
        CollectionAssert.AreEquivalent(expected, source.Tensors.Keys.Where(name => name.Contains("vera", StringComparison.Ordinal)).ToArray());
    }

    /// <summary>The keys are peft's, and an empty file means peft's defaults.</summary>
    [TestMethod]
    public void TheConfigurationIsPefts()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Vera { Rank = 5, InitialD = 1, Dropout = 0.25f, ProjectionSeed = 7, SaveProjections = false, Targets = TargetModules.Query | TargetModules.Value });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        foreach ((string key, string value) in new[] { ("peft_type", "\"VERA\""), ("r", "5"), ("d_initial", "1.0"), ("vera_dropout", "0.25"), ("projection_prng_key", "7"), ("save_projection", "false"), ("bias", "\"none\""), ("target_modules", "[\"query\",\"value\"]") })
            Assert.AreEqual(value, json[key]!.ToJsonString(), key);
        Assert.AreEqual(new Vera { Rank = 5, InitialD = 1, Dropout = 0.25f, ProjectionSeed = 7, SaveProjections = false, TargetPattern = ".*(?:query|value)" }, adapter.Method.ReadAdapterConfig(json, "ours"));
        Assert.AreEqual(new Vera { Rank = 256, InitialD = 0.1f, TargetPattern = "x" }, new Vera().ReadAdapterConfig(new JsonObject { ["target_modules"] = "x" }, "theirs"));
    }

    [TestMethod]
    public void WrongOptions()
    {
        Invalid.Expect(new Vera { Rank = 0 }, "Vera.Rank is 0");
        Invalid.Expect(new Vera { InitialD = 0 }, "Vera.InitialD is 0");
        Invalid.Expect(new Vera { InitialD = float.NaN }, "Vera.InitialD is NaN");
        Invalid.Expect(new Vera { Dropout = 1 }, "Vera.Dropout is 1");
        Invalid.Expect(new Vera { ProjectionSeed = -1 }, "Vera.ProjectionSeed is -1");
        Invalid.Expect(new Vera { Targets = TargetModules.None }, "Vera.Targets is None");
    }

    private static VeraProjections Shared(PeftAdapter adapter) => adapter.Placed.Select(placed => placed.Module).OfType<VeraProjections>().Single();

    private static float[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().contiguous().data<float>()];
    }
}
