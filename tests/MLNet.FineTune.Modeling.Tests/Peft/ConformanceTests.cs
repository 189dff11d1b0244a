using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>What every method must hold on every family; see <see cref="MethodCases"/>.</summary>
[TestClass]
public sealed class ConformanceTests
{
    public static IEnumerable<object[]> MethodsAndFamilies() =>
        from method in MethodCases.All from family in method.Families where method.Refusal(family) is null select new object[] { method.Name, family };

    /// <summary>Every method once and every family once, for what takes long.</summary>
    public static IEnumerable<object[]> EachOnce() =>
        MethodCases.All.Select(method => new object[] { method.Name, "bert" })
            .Concat(TinyEncoder.Families.Where(family => family != "bert").Select(family => new object[] { "lora-bias-all", family }));

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void IsTheBaseAtInitialization(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        float[] expected = Logits();
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());

        Assert.AreEqual(row.IdentityAtInitialization, expected.SequenceEqual(Logits()));

        // Of whole layers: a module may keep the last layer from computing the first vector alone, which rounds otherwise.
        float[] Logits()
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
            return [.. model.Head.Forward(model.Encoder.Forward(input), input).data<float>()];
        }
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void GradientsReachExactlyWhatTrains(string method, string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Row(method).Create());
        MoveEveryParameter(adapter);
        new TrainingMode(model, adapter).Train();

        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        nn.functional.cross_entropy(model.Forward(input), tensor([0L, 1, 2, 1])).backward();

        foreach (AdapterParameter parameter in adapter.Trainable)
        {
            Assert.IsNotNull(parameter.Parameter.grad, $"{parameter.Name} has no gradient");
            // A constant added to all keys cancels in the softmax: no gradient but rounding.
            if (!parameter.Name.EndsWith("key.bias", StringComparison.Ordinal))
                Assert.IsGreaterThan(0f, parameter.Parameter.grad.abs().max().item<float>(), parameter.Name);
        }
        var trainable = adapter.Trainable.Select(p => p.Parameter.Handle).ToHashSet();
        foreach (var (name, parameter) in model.named_parameters().Concat(adapter.Placed.SelectMany(placed => placed.Module.named_parameters())))
            Assert.AreEqual(trainable.Contains(parameter.Handle), parameter.grad is not null, name);
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void TheFirstVectorIsTheSameWhereNoOtherIsComputed(string method, string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Row(method).Create());
        MoveEveryParameter(adapter);
        using var _ = no_grad();
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);

        float[] expected = [.. model.Encoder.Forward(input).LastHidden.narrow(1, 0, 1).contiguous().data<float>()];
        AssertClose(expected, [.. model.Encoder.Forward(input, firstOnly: true).LastHidden.narrow(1, 0, 1).contiguous().data<float>()]);
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void TrainableCountIsTheClosedForm(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());

        Assert.AreEqual(row.Trainable(model.Encoder.Config), adapter.Trainable.Sum(p => p.Parameter.numel()));
        Assert.AreEqual(adapter.Trainable.Count(), adapter.Trainable.Select(p => p.Name).Distinct().Count(), "names are unique");
    }

    /// <summary>What is said to be left when training ends is what is left.</summary>
    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void FinishedCountIsThatOfTheFinishedAdapter(string method, string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        PeftAdapter adapter = PeftAdapter.Attach(model, Row(method).Create());
        long said = adapter.FinishedCount();
        adapter = adapter.Finish();
        using (adapter)
            Assert.AreEqual(adapter.Trainable.Sum(p => p.Parameter.numel()), said);
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void Learns(string method, string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        MethodCase row = Row(method);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());

        long size = adapter.FinishedCount();
        List<double> losses = Trainee.Train(adapter, row.Steps);

        if (!adapter.Method.SizeIsLearnt)
            Assert.AreEqual(size, adapter.FinishedCount(), "what is left is known before training");
        double start = losses.Take(2).Average(), end = losses.TakeLast(2).Average();
        Assert.IsLessThan(0.75 * start, end, $"from {start} to {end}");
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void LoadedScoresAreBitEqual(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());
        Trainee.Train(adapter, steps: 2);
        float[] expected = TinyEncoder.Logits(model);
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);

        using TaskModel fresh = TinyEncoder.Model(family);
        using (PeftAdapter again = PeftAdapter.Attach(fresh, row.Create()))
        using (SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter"))
        {
            CollectionAssert.AreNotEqual(expected, TinyEncoder.Logits(fresh), "training changed nothing");
            AdapterFiles.LoadWeights(again, source);
            CollectionAssert.AreEqual(expected, TinyEncoder.Logits(fresh));
        }

        byte[]? config = AdapterFiles.Config(adapter);
        Assert.AreEqual(row.HasPeftFiles, config is not null);
        if (config is null)
            return;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(AdapterFiles.ConfigFile), config);
        File.WriteAllBytes(folder.File(AdapterFiles.WeightsFile), file.ToArray());
        using PeftAdapter loaded = AdapterFiles.Load(fresh, folder.Path);
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(fresh));
        CollectionAssert.AreEqual(adapter.Trainable.Select(p => p.Name).ToArray(), loaded.Trainable.Select(p => p.Name).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void MergedEqualsUnmerged(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        float[] before = TinyEncoder.Logits(model);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());
        MoveEveryParameter(adapter, by: 0.05);
        float[] expected = TinyEncoder.Logits(model);
        if (!row.Mergeable)
        {
            Assert.ThrowsExactly<NotSupportedException>(adapter.Merge);
            CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model), "a refused merge must change nothing");
            return;
        }
        adapter.Merge();
        Assert.IsTrue(adapter.Merged);
        Assert.IsTrue(adapter.Placed.All(placed => !placed.Module.Active), "the modules still take part");
        AssertClose(expected, TinyEncoder.Logits(model));
        adapter.Merge();
        AssertClose(expected, TinyEncoder.Logits(model));
        adapter.Unmerge();
        Assert.IsFalse(adapter.Merged);
        AssertClose(expected, TinyEncoder.Logits(model));
        if (!row.SwitchesOff)
            return;
        adapter.Merge();
        Assert.ThrowsExactly<InvalidOperationException>(() => adapter.Active = false);
        adapter.Dispose();
        AssertClose(before, TinyEncoder.Logits(model));
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void TwoOnOneBaseDoNotInterfere(string method, string family)
    {
        MethodCase row = Row(method);
        if (!row.SwitchesOff)
            return; // nothing is left to put a second one on; SwitchedOffIsTheBase sees that it says so
        using TaskModel model = TinyEncoder.Model(family);
        float[] unchanged = TinyEncoder.Logits(model);
        using PeftAdapter first = PeftAdapter.Attach(model, row.Create());
        Trainee.Train(first, steps: 2);
        float[] expected = TinyEncoder.Logits(model);
        first.Active = false;
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));

        float[] others;
        PeftAdapter second = PeftAdapter.Attach(model, new Lora { Rank = 3, Targets = TargetModules.AllLinear | TargetModules.Pooler, Bias = LoraBias.All });
        Trainee.Train(second, steps: 2);
        others = TinyEncoder.Logits(model);
        CollectionAssert.AreNotEqual(expected, others);
        second.Active = false;
        first.Active = true;
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
        first.Active = false;
        second.Active = true;
        CollectionAssert.AreEqual(others, TinyEncoder.Logits(model));
        second.Dispose();
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
        first.Active = true;
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void SwitchedOffIsTheBase(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        float[] unchanged = TinyEncoder.Logits(model);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());
        MoveEveryParameter(adapter);
        float[] expected = TinyEncoder.Logits(model);
        if (!row.SwitchesOff)
        {
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => adapter.Active = false).Message, adapter.Method.MethodName);
            return;
        }
        adapter.Active = false;
        CollectionAssert.AreEqual(unchanged, TinyEncoder.Logits(model));
        Assert.ThrowsExactly<InvalidOperationException>(adapter.Merge);
        adapter.Active = true;
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndFamilies))]
    public void DisposingReturnsTheBaseAndTheMemory(string method, string family)
    {
        MethodCase row = Row(method);
        using TaskModel model = TinyEncoder.Model(family);
        float[] unchanged = TinyEncoder.Logits(model);
        long tensors = LiveTensors.Count();
        PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());
        MoveEveryParameter(adapter);
        float[] trained = TinyEncoder.Logits(model);
        adapter.Dispose();
        adapter.Dispose();

        CollectionAssert.AreEqual(row.SwitchesOff ? unchanged : trained, TinyEncoder.Logits(model));
        Assert.AreEqual(tensors, LiveTensors.Count());
        Assert.IsTrue(model.Linears().All(linear => linear.Linear.Site.Modules.Count == 0));
    }

    [TestMethod]
    public void RefusesWhatItCannotDo()
    {
        foreach ((MethodCase row, string family) in from row in MethodCases.All from family in row.Families where row.Refusal(family) is not null select (row, family))
        {
            using TaskModel model = TinyEncoder.Model(family);
            long tensors = LiveTensors.Count();
            Assert.Contains(row.Refusal(family)!, Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, row.Create())).Message);
            Assert.AreEqual(tensors, LiveTensors.Count(), $"{row.Name} on {family} leaves tensors behind");
        }
    }

    [TestMethod]
    [DynamicData(nameof(EachOnce))]
    public void MemoryIsFlatOver200Steps(string method, string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        MethodCase row = Row(method);
        using PeftAdapter adapter = PeftAdapter.Attach(model, row.Create());
        var counts = new List<long>();

        Trainee.Train(adapter, steps: 200, state => counts.Add(LiveTensors.Count()));

        Assert.AreEqual(counts[row.FlatAfter - 1], counts[^1], $"live tensors after steps 2, 100 and 200: {counts[1]}, {counts[99]}, {counts[199]}");
    }

    private static MethodCase Row(string name) => MethodCases.All.Single(row => row.Name == name);

    /// <summary>As training would, but in every number and at once.</summary>
    private static void MoveEveryParameter(PeftAdapter adapter, double by = 0.2)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.Add_(randn_like(parameter.Parameter).Mul(by));
        adapter.Model.WeightsChanged();
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
    }
}
