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
public sealed class LoKrTests
{
    private const string Module = "base_model.model.bert.encoder.layer.1.intermediate.dense.lokr_";

    /// <summary>ΔW at row a·p + b and column c·q + d, for a W₂ of p × q, is α/r · W₁[a, c] · W₂[b, d], summed up number by number; with each matrix whole or of low rank.</summary>
    [TestMethod]
    [DataRow(8, null, false, 1, 1)]
    [DataRow(1, null, false, 1, 2)]
    [DataRow(1, 8, true, 2, 2)]
    [DataRow(3, 8, true, 2, 1)]
    [DataRow(1, 2, false, 1, 2)]
    public void TheUpdateIsAKroneckerProduct(int rank, int? factor, bool both, int firstFactors, int secondFactors)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoKr { Rank = rank, Alpha = 5, DecomposeFactor = factor, DecomposeBoth = both, Targets = TargetModules.FeedForwardIn });
        var module = (LoKrLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        Assert.AreEqual((firstFactors, secondFactors), (module.First.Count, module.Second.Count));
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        Tensor x = randn(3, linear.Inputs);
        float[,] first = Whole(module.First), second = Whole(module.Second);
        int rows = second.GetLength(0), columns = second.GetLength(1);
        Assert.AreEqual((32, 16), (first.GetLength(0) * rows, first.GetLength(1) * columns));
        float[] input = Numbers(x), plain = Numbers(linear.Forward(x, [])), actual = Numbers(linear.Forward(x)), delta = Numbers(module.WeightDelta(linear.Weight));
        for (int text = 0; text < 3; text++)
            for (int i = 0; i < 32; i++)
            {
                double sum = 0;
                for (int j = 0; j < 16; j++)
                {
                    double value = 5.0 / rank * first[i / rows, j / columns] * second[i % rows, j % columns];
                    Assert.AreEqual(value, delta[i * 16 + j], 1e-3);
                    sum += value * input[text * 16 + j];
                }
                Assert.AreEqual(plain[text * 32 + i] + sum, actual[text * 32 + i], 2e-3);
            }
    }

    /// <summary>The first four are the examples of peft's own documentation, with −1 for none; the others were worked out by hand.</summary>
    [TestMethod]
    [DataRow(256, null, 16, 16)]
    [DataRow(128, null, 8, 16)]
    [DataRow(127, null, 1, 127)]
    [DataRow(128, 4, 4, 32)]
    [DataRow(64, 32, 32, 2)]
    [DataRow(12, 5, 3, 4)]
    [DataRow(20, 3, 2, 10)]
    [DataRow(20, 8, 4, 5)]
    [DataRow(7, 7, 7, 1)]
    [DataRow(7, 9, 1, 7)]
    public void NumbersAreFactorizedAsPeftDoes(int number, int? factor, int first, int second) => Assert.AreEqual((first, second), KroneckerSizes.Factorize(number, factor));

    /// <summary>The update of a projection can have full rank, with an eighth of the weight's numbers.</summary>
    [TestMethod]
    public void FewNumbersHaveFullRank()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoKr { Targets = TargetModules.Query });
        var module = (LoKrLinear)adapter.Placed[0].Module;
        foreach (Tensor factor in module.First.Concat(module.Second))
            factor.copy_(eye(4) * 2 + randn(4, 4) * 0.1);
        Assert.AreEqual(32, module.parameters().Sum(p => p.numel()));
        Assert.AreEqual(16, DeltaMerge.NumericalRank(module.WeightDelta(adapter.Placed[0].Linear!.Weight)));
    }

    [TestMethod]
    [DataRow(8, null, false, "w1:4,4 w2:8,4")]
    [DataRow(2, null, false, "w1:4,4 w2_a:8,2 w2_b:2,4")]
    [DataRow(1, 8, true, "w1_a:8,1 w1_b:1,8 w2_a:4,1 w2_b:1,2")]
    public void FilesAreNamedAsPeftNamesThem(int rank, int? factor, bool both, string expected)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoKr { Rank = rank, DecomposeFactor = factor, DecomposeBoth = both, Targets = TargetModules.FeedForwardIn, Layers = [1] });
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        Assert.AreEqual(expected, string.Join(' ', source.Tensors.Values.Where(tensor => tensor.Name.StartsWith(Module, StringComparison.Ordinal))
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor => $"{tensor.Name[Module.Length..]}:{string.Join(',', tensor.Shape)}")));
    }

    [TestMethod]
    [DataRow(null, "-1")]
    [DataRow(4, "4")]
    public void TheConfigurationIsPefts(int? factor, string written)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoKr { Rank = 5, Alpha = 3, DecomposeFactor = factor, DecomposeBoth = true, RankDropout = 0.25f, ModuleDropout = 0.5f, Targets = TargetModules.Query | TargetModules.Value });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        foreach ((string key, string value) in new[] { ("peft_type", "\"LOKR\""), ("r", "5"), ("alpha", "3"), ("decompose_factor", written), ("decompose_both", "true"), ("rank_dropout", "0.25"), ("rank_dropout_scale", "true"), ("module_dropout", "0.5"), ("target_modules", "[\"query\",\"value\"]") })
            Assert.AreEqual(value, json[key]!.ToJsonString(), key);
        Assert.AreEqual(new LoKr { Rank = 5, Alpha = 3, DecomposeFactor = factor, DecomposeBoth = true, RankDropout = 0.25f, ModuleDropout = 0.5f, TargetPattern = ".*(?:query|value)" }, adapter.Method.ReadAdapterConfig(json, "ours"));
        Assert.AreEqual(new LoKr { TargetPattern = "x" }, new LoKr().ReadAdapterConfig(new JsonObject { ["target_modules"] = "x", ["init_weights"] = "lycoris" }, "theirs"));
    }

    [TestMethod]
    public void WrongOptions()
    {
        Invalid.Expect(new LoKr { Rank = 0 }, "LoKr.Rank is 0");
        Invalid.Expect(new LoKr { Alpha = -1 }, "LoKr.Alpha is -1");
        Invalid.Expect(new LoKr { DecomposeFactor = 0 }, "LoKr.DecomposeFactor is 0");
        Invalid.Expect(new LoKr { RankDropout = 1 }, "LoKr.RankDropout is 1");
        Invalid.Expect(new LoKr { ModuleDropout = 1 }, "LoKr.ModuleDropout is 1");
        Invalid.Expect(new LoKr { Targets = TargetModules.None }, "LoKr.Targets is None");
    }

    /// <summary>A matrix that is whole or of two factors, multiplied out number by number.</summary>
    private static float[,] Whole(IReadOnlyList<TorchSharp.Modules.Parameter> factors)
    {
        float[] left = Numbers(factors[0]), right = factors.Count == 1 ? [] : Numbers(factors[1]);
        int rows = (int)factors[0].size(0), inner = (int)factors[0].size(1), columns = (int)factors[^1].size(1);
        var whole = new float[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                whole[i, j] = factors.Count == 1 ? left[i * columns + j] : Enumerable.Range(0, inner).Sum(k => left[i * inner + k] * right[k * columns + j]);
        return whole;
    }

    private static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
