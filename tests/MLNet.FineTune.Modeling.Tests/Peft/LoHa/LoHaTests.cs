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
public sealed class LoHaTests
{
    /// <summary>ΔW_ij = α/r · (Σ_k A₁_ik B₁_kj) · (Σ_k A₂_ik B₂_kj), summed up number by number.</summary>
    [TestMethod]
    [DataRow(TargetModules.Query)]
    [DataRow(TargetModules.FeedForwardOut)]
    public void TheUpdateIsAProductElementByElement(TargetModules role)
    {
        const int Rank = 3;
        const double Scaling = 5.0 / Rank;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Rank = Rank, Alpha = 5, Targets = role });
        var module = (LoHaLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        Tensor x = randn(linear.Inputs);
        float[] a1 = Numbers(module.FirstA), b1 = Numbers(module.FirstB), a2 = Numbers(module.SecondA), b2 = Numbers(module.SecondB), input = Numbers(x);
        float[] plain = Numbers(x.matmul(linear.Weight.t()) + linear.Bias), actual = Numbers(linear.Forward(x.unsqueeze(0))), delta = Numbers(module.WeightDelta(linear.Weight)!);
        for (int i = 0; i < linear.Outputs; i++)
        {
            double sum = 0;
            for (int j = 0; j < linear.Inputs; j++)
            {
                double first = 0, second = 0;
                for (int k = 0; k < Rank; k++)
                {
                    first += a1[i * Rank + k] * b1[k * linear.Inputs + j];
                    second += a2[i * Rank + k] * b2[k * linear.Inputs + j];
                }
                Assert.AreEqual(Scaling * first * second, delta[i * linear.Inputs + j], 1e-4);
                sum += Scaling * first * second * input[j];
            }
            Assert.AreEqual(plain[i] + sum, actual[i], 1e-3);
        }
    }

    /// <summary>Proposition 1 of FedPara: the rank reaches r², where the factors of a sum of two would give 2r.</summary>
    [TestMethod]
    public void TheRankOfTheUpdateIsTheSquareOfTheFactors()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Rank = 3, Targets = TargetModules.Query });
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        var module = (LoHaLinear)adapter.Placed[0].Module;
        Assert.AreEqual(9, DeltaMerge.NumericalRank(module.WeightDelta(adapter.Placed[0].Linear!.Weight)!));
    }

    /// <summary>One factor alone is zero: it has a gradient in the first step, which a second zero would take from it.</summary>
    [TestMethod]
    public void OneFactorStartsAtZero()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Targets = TargetModules.Query });
        var module = (LoHaLinear)adapter.Placed[0].Module;
        Assert.AreEqual(0, module.SecondB.abs().max().item<float>());
        foreach (Tensor factor in new[] { module.FirstA, module.FirstB, module.SecondA })
            Assert.IsGreaterThan(0, factor.abs().min().item<float>());
    }

    /// <summary>1 + 10⁻⁴ is 1 in bfloat16: a change that were added to such a weight would do nothing.</summary>
    [TestMethod]
    public void ASmallChangeIsNotLostInBFloat16()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Rank = 1, Alpha = 1, Targets = TargetModules.Query });
        var module = (LoHaLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        linear.Weight.fill_(1);
        linear.Bias.fill_(0);
        linear.WeightsChanged();
        foreach (Tensor factor in new[] { module.FirstA, module.FirstB, module.SecondA })
            factor.fill_(1);
        module.SecondB.fill_(0);
        module.SecondB[0, 0] = tensor(1e-4f);
        Tensor x = tensor(Enumerable.Range(0, linear.Inputs).Select(i => i % 2 == 0 ? 1f : -1f).ToArray()).unsqueeze(0);

        foreach (float output in Numbers(linear.Forward(x.to(ScalarType.BFloat16)).to(ScalarType.Float32)))
            Assert.AreEqual(1e-4f, output, 1e-6f);
    }

    [TestMethod]
    public void FilesAreNamedAsPeftNamesThem()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Rank = 5, Targets = TargetModules.FeedForwardIn, Layers = [1] });
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        const string Module = "base_model.model.bert.encoder.layer.1.intermediate.dense.hada_w";
        CollectionAssert.AreEqual(new long[] { 32, 5 }, source.Tensors[Module + "1_a"].Shape.ToArray());
        CollectionAssert.AreEqual(new long[] { 5, 16 }, source.Tensors[Module + "1_b"].Shape.ToArray());
        CollectionAssert.AreEqual(new long[] { 32, 5 }, source.Tensors[Module + "2_a"].Shape.ToArray());
        CollectionAssert.AreEqual(new long[] { 5, 16 }, source.Tensors[Module + "2_b"].Shape.ToArray());
    }

    [TestMethod]
    public void TheConfigurationIsPefts()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { Rank = 5, Alpha = 3, RankDropout = 0.25f, ModuleDropout = 0.5f, Targets = TargetModules.Query | TargetModules.Value });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        foreach ((string key, string value) in new[] { ("peft_type", "\"LOHA\""), ("r", "5"), ("alpha", "3"), ("rank_dropout", "0.25"), ("module_dropout", "0.5"), ("target_modules", "[\"query\",\"value\"]") })
            Assert.AreEqual(value, json[key]!.ToJsonString(), key);
        var read = new LoHa { Rank = 5, Alpha = 3, RankDropout = 0.25f, ModuleDropout = 0.5f, TargetPattern = ".*(?:query|value)" };
        Assert.AreEqual(read, adapter.Method.ReadAdapterConfig(json, "ours"));
        json["use_khatri_rao"] = "auto"; // newer versions write it
        json["r2"] = null;
        Assert.AreEqual(read, adapter.Method.ReadAdapterConfig(json, "ours"));
        Assert.AreEqual(new LoHa { TargetPattern = "x" }, new LoHa().ReadAdapterConfig(new JsonObject { ["target_modules"] = "x" }, "theirs"));
    }

    [TestMethod]
    public void WrongOptions()
    {
        Invalid.Expect(new LoHa { Rank = 0 }, "LoHa.Rank is 0");
        Invalid.Expect(new LoHa { Alpha = 0 }, "LoHa.Alpha is 0");
        Invalid.Expect(new LoHa { RankDropout = 1 }, "LoHa.RankDropout is 1");
        Invalid.Expect(new LoHa { ModuleDropout = -1 }, "LoHa.ModuleDropout is -1");
        Invalid.Expect(new LoHa { Targets = TargetModules.None }, "LoHa.Targets is None");
    }

    private static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
