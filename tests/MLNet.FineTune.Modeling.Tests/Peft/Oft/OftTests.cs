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
public sealed class OftTests
{
    [TestMethod]
    [DataRow(4)]
    [DataRow(16)]
    public void BlocksAreRotations(int size)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new Oft { BlockSize = size, Targets = TargetModules.FeedForwardOut });
        Tensor rotations = Module(adapter).Rotations();
        CollectionAssert.AreEqual(new long[] { 32 / size, size, size }, rotations.shape);
        Assert.IsLessThan(1e-5f, (rotations.matmul(rotations.transpose(1, 2)) - eye(size)).abs().max().item<float>());
        foreach (float determinant in Numbers(linalg.det(rotations)))
            Assert.AreEqual(1, determinant, 1e-4f);
        Assert.IsGreaterThan(0.5f, (rotations - eye(size)).abs().max().item<float>(), "and far from the identity");
    }

    /// <summary>What the method is for: all inner products between the rows of the weight stay as they are, though the weight does not.</summary>
    [TestMethod]
    public void LengthsAndAnglesOfTheRowsStay()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new Oft { BlockSize = 8, Targets = TargetModules.Query });
        Tensor weight = adapter.Placed[0].Linear!.Weight, rotated = weight + Module(adapter).WeightDelta(weight);
        Assert.IsLessThan(1e-4f, (rotated.matmul(rotated.t()) - weight.matmul(weight.t())).abs().max().item<float>());
        Assert.IsGreaterThan(0.1f, (rotated - weight).abs().max().item<float>());
    }

    /// <summary>A block of two has a closed form: with Q = [0 q; −q 0], R = [1 − q², −2q; 2q, 1 − q²] / (1 + q²).</summary>
    [TestMethod]
    public void BlocksOfTwoRotateByTheClosedForm()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new Oft { BlockSize = 2, Targets = TargetModules.Query });
        ComparePairs(adapter, q => ((1 - q * q) / (1 + q * q), -2 * q / (1 + q * q)));
    }

    /// <summary>The series by hand, with Q² = −q² I: five terms are I + 2Q + 2Q² + 2Q³ + Q⁴, three and four end with Q³.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    public void TheSeriesIsPefts(int terms)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new Oft { BlockSize = 2, NeumannTerms = terms, Targets = TargetModules.Query });
        ComparePairs(adapter, q => terms switch
        {
            2 => (1, 2 * q),
            3 or 4 => (1 - 2 * q * q, 2 * q - q * q * q),
            5 => (1 - 2 * q * q + q * q * q * q, 2 * q - 2 * q * q * q),
            _ => (1 - 2 * q * q + 2 * q * q * q * q, 2 * q - 2 * q * q * q + q * q * q * q * q),
        });
    }

    /// <summary>For small rotations the series is nearly one, by the inverse of Q's sign.</summary>
    [TestMethod]
    public void TheSeriesIsNearTheInverse()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter exact = PeftAdapter.Attach(model, new Oft { BlockSize = 8, Targets = TargetModules.Query }), series = PeftAdapter.Attach(model, new Oft { BlockSize = 8, NeumannTerms = 8, Targets = TargetModules.Query });
        Module(exact).Skew.normal_(0, 0.03);
        Module(series).Skew.copy_(-Module(exact).Skew);
        Assert.IsLessThan(1e-5f, (Module(exact).Rotations() - Module(series).Rotations()).abs().max().item<float>());
    }

    /// <summary>Entries are counted row by row above the diagonal, as torch.triu_indices does: for a block of three Q₀₁, Q₀₂, Q₁₂.</summary>
    [TestMethod]
    public void EntriesGoRowByRow()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Oft { BlockSize = 4, NeumannTerms = 2, Targets = TargetModules.Query });
        Module(adapter).Skew.copy_(tensor(new float[] { 1, 2, 3, 4, 5, 6 }).unsqueeze(0));
        float[] expected = [1, 2, 4, 6, -2, 1, 8, 10, -4, -8, 1, 12, -6, -10, -12, 1]; // I + 2Q
        CollectionAssert.AreEqual(expected, Numbers(Module(adapter).Rotations()[0]));
    }

    [TestMethod]
    public void SharedBlocksAreAllTheSame()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter one = Moved(model, new Oft { BlockSize = 4, ShareBlocks = true, Targets = TargetModules.Query }), four = PeftAdapter.Attach(model, new Oft { BlockSize = 4, Targets = TargetModules.Query });
        Module(four).Skew.copy_(Module(one).Skew.expand(4, 6));
        Tensor x = randn(3, 16);
        AdaptableLinear linear = one.Placed[0].Linear!;
        CollectionAssert.AreEqual(new long[] { 1, 6 }, Module(one).Skew.shape);
        Assert.IsLessThan(1e-5f, (linear.Forward(x, [Module(one)]) - linear.Forward(x, [Module(four)])).abs().max().item<float>());
        Assert.IsLessThan(1e-5f, (Module(one).WeightDelta(linear.Weight) - Module(four).WeightDelta(linear.Weight)).abs().max().item<float>());
    }

    /// <summary>While training, each block rotates as it does or not at all.</summary>
    [TestMethod]
    public void ModuleDropoutLeavesBlocksOut()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Moved(model, new Oft { BlockSize = 4, ModuleDropout = 0.25f, Targets = TargetModules.Query });
        Tensor x = randn(1, 16);
        adapter.Train(false);
        float[] rotated = Numbers(Module(adapter).AdaptInput(x)), plain = Numbers(x);
        adapter.Train(true);

        int left = 0;
        for (int draw = 0; draw < 100; draw++)
        {
            float[] actual = Numbers(Module(adapter).AdaptInput(x));
            for (int block = 0; block < 16; block += 4)
            {
                bool off = Math.Abs(actual[block] - plain[block]) < 1e-6;
                left += off ? 1 : 0;
                for (int i = block; i < block + 4; i++)
                    Assert.AreEqual((off ? plain : rotated)[i], actual[i], 1e-5f);
            }
        }
        Assert.AreEqual(0.25, left / 400.0, 0.08);
    }

    [TestMethod]
    [DataRow(768, 32, 32)]
    [DataRow(768, 30, 32)]
    [DataRow(768, 28, 24)]
    [DataRow(312, 32, 26)]
    [DataRow(10, 4, 5)]
    [DataRow(15, 4, 3)]
    [DataRow(16, 32, 16)]
    [DataRow(7, 3, 1)]
    public void TheSizeIsTheNearestDivisorAsInPeft(int width, int asked, int expected) => Assert.AreEqual(expected, Oft.NearestDivisor(width, asked));

    [TestMethod]
    [DataRow(8, null, false, "2,28")]
    [DataRow(8, 4, false, "4,6")]
    [DataRow(8, null, true, "1,28")]
    public void FilesAreNamedAsPeftNamesThem(int size, int? count, bool share, string shape)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Oft { BlockSize = size, BlockCount = count, ShareBlocks = share, Targets = TargetModules.Value, Layers = [1] });
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        TensorInfo tensor = source.Tensors.Values.Single(tensor => tensor.Name.Contains("oft", StringComparison.Ordinal));
        Assert.AreEqual("base_model.model.bert.encoder.layer.1.attention.self.value.oft_R.weight", tensor.Name);
        Assert.AreEqual(shape, string.Join(',', tensor.Shape));
    }

    [TestMethod]
    [DataRow(null, null, "16", "0", "false", "5")]
    [DataRow(3, null, "0", "3", "false", "5")]
    [DataRow(null, 7, "16", "0", "true", "7")]
    public void TheConfigurationIsPefts(int? count, int? terms, string size, string r, string neumann, string written)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        var options = new Oft { BlockSize = count is null ? 16 : 32, BlockCount = count, NeumannTerms = terms, ShareBlocks = true, ModuleDropout = 0.25f };
        using PeftAdapter adapter = PeftAdapter.Attach(model, options with { Targets = TargetModules.Query | TargetModules.Value });
        JsonObject json = JsonFile.ParseObject(AdapterFiles.Config(adapter)!, "ours");
        foreach ((string key, string value) in new[] { ("peft_type", "\"OFT\""), ("r", r), ("oft_block_size", size), ("block_share", "true"), ("coft", "false"), ("use_cayley_neumann", neumann), ("num_cayley_neumann_terms", written), ("module_dropout", "0.25"), ("target_modules", "[\"query\",\"value\"]") })
            Assert.AreEqual(value, json[key]!.ToJsonString(), key);
        Assert.AreEqual(options with { TargetPattern = ".*(?:query|value)" }, adapter.Method.ReadAdapterConfig(json, "ours"));
        Assert.AreEqual(new Oft { NeumannTerms = 5, TargetPattern = "x" }, new Oft().ReadAdapterConfig(new JsonObject { ["target_modules"] = "x", ["oft_block_size"] = 32 }, "theirs"), "peft's defaults");
    }

    [TestMethod]
    public void WrongOptions()
    {
        Invalid.Expect(new Oft { BlockSize = 1 }, "Oft.BlockSize is 1");
        Invalid.Expect(new Oft { BlockCount = 0 }, "Oft.BlockCount is 0");
        Invalid.Expect(new Oft { BlockCount = 15, Targets = TargetModules.Query }, "Oft.BlockCount is 15; expected a number that divides the input of bert.encoder.layer.0.attention.self.query, 16 wide");
        Invalid.Expect(new Oft { NeumannTerms = 1 }, "Oft.NeumannTerms is 1");
        Invalid.Expect(new Oft { ModuleDropout = 1 }, "Oft.ModuleDropout is 1");
        Invalid.Expect(new Oft { Targets = TargetModules.None }, "Oft.Targets is None");
    }

    /// <summary>The outputs of a projection with blocks of two, whose R is [same, other; −other, same], summed up number by number.</summary>
    private static void ComparePairs(PeftAdapter adapter, Func<double, (double Same, double Other)> rotation)
    {
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        Tensor x = randn(linear.Inputs);
        float[] input = Numbers(x), skew = Numbers(Module(adapter).Skew), weight = Numbers(linear.Weight), bias = Numbers(linear.Bias), actual = Numbers(linear.Forward(x.unsqueeze(0)));
        for (int i = 0; i < linear.Outputs; i++)
        {
            double sum = bias[i];
            for (int block = 0; block < linear.Inputs / 2; block++)
            {
                (double same, double other) = rotation(skew[block]);
                sum += weight[i * linear.Inputs + 2 * block] * (input[2 * block] * same - input[2 * block + 1] * other);
                sum += weight[i * linear.Inputs + 2 * block + 1] * (input[2 * block] * other + input[2 * block + 1] * same);
            }
            Assert.AreEqual(sum, actual[i], 1e-4 * Math.Max(1, Math.Abs(sum)));
        }
    }

    private static PeftAdapter Moved(TaskModel model, Oft method)
    {
        PeftAdapter adapter = PeftAdapter.Attach(model, method);
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        return adapter;
    }

    private static OftLinear Module(PeftAdapter adapter) => (OftLinear)adapter.Placed[0].Module;

    private static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
