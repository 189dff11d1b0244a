using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft.Bottleneck;

[TestClass]
public sealed class BottleneckAdapterTests
{
    /// <summary>output + s · (W₂ f(W₁ x + b₁) + b₂), number by number.</summary>
    [TestMethod]
    [DataRow(AdapterPlacement.Serial, 1f)]
    [DataRow(AdapterPlacement.SerialNormalized, 0.5f)]
    [DataRow(AdapterPlacement.Parallel, 4f)]
    [DataRow(AdapterPlacement.Serial, 1f, AdapterActivation.Identity)]
    public void AddsTheBottleneckOfWhatItReads(AdapterPlacement placement, float scale, AdapterActivation activation = AdapterActivation.Relu)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new BottleneckAdapter { Placement = placement, Size = 3, Scale = scale, Activation = activation, Initialization = AdapterInitialization.NearZero };
        using var module = new BottleneckModule(method, model.Encoder.Config);
        foreach (var parameter in module.parameters())
            parameter.normal_();
        LayerNorm norm = model.Encoder.Layers[0].FeedForwardNorm;
        Tensor input = randn(2, 5, 16), output = randn(2, 5, 16);

        Tensor actual = module.Adapt(input, output.clone(), norm);

        Tensor read = placement switch { AdapterPlacement.Serial => output, AdapterPlacement.Parallel => input, _ => Normalized(input + output, norm) };
        float[] x = [.. read[1, 2].data<float>()], down = [.. module.Down.Weight.data<float>()], up = [.. module.Up.Weight.data<float>()];
        for (int i = 0; i < 16; i++)
        {
            double sum = module.Up.Bias![i].item<float>();
            for (int j = 0; j < 3; j++)
                sum += up[i * 3 + j] * Math.Max(activation == AdapterActivation.Relu ? 0 : double.NegativeInfinity, Enumerable.Range(0, 16).Sum(k => (double)down[j * 16 + k] * x[k]) + module.Down.Bias![j].item<float>());
            Assert.AreEqual(output[1, 2, i].item<float>() + scale * sum, actual[1, 2, i].item<float>(), 1e-4);
        }
    }

    private static Tensor Normalized(Tensor x, LayerNorm norm)
    {
        Tensor centred = x - x.mean([-1], keepdim: true);
        return centred / (centred.square().mean([-1], keepdim: true) + 1e-12).sqrt() * norm.Weight + norm.Bias;
    }

    [TestMethod]
    public void ALearnedScaleStartsWhereTheOptionSays()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, BottleneckAdapter.ScaledParallel() with { Size = 2, LearnScale = true });
        Assert.AreEqual(4f, ((BottleneckModule)adapter.Placed[0].Module).Scale!.item<float>());
    }

    [TestMethod]
    public void NearZeroStartsNearTheBase()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        using PeftAdapter adapter = PeftAdapter.Attach(model, BottleneckAdapter.Houlsby() with { Size = 6 });
        foreach (AdapterParameter parameter in adapter.Own)
            Assert.IsLessThanOrEqualTo(0.02f, parameter.Parameter.abs().max().item<float>(), parameter.Name);
        float[] near = TinyEncoder.Logits(model);
        for (int i = 0; i < near.Length; i++)
            Assert.AreEqual(unchanged[i], near[i], 0.05f);
    }

    /// <summary>Dropping a layer's modules is never having placed them.</summary>
    [TestMethod]
    public void DroppedLayersComputeWhatTheyComputeWithout()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter all = PeftAdapter.Attach(model, new BottleneckAdapter { Size = 3 });
        Trainee.Train(all, steps: 3);
        float[] complete = TinyEncoder.Logits(model);
        Dictionary<string, float[]> values = all.Trainable.ToDictionary(p => p.Name, p => p.Parameter.data<float>().ToArray());

        all.DropLayers(1);
        float[] dropped = TinyEncoder.Logits(model);
        CollectionAssert.AreNotEqual(complete, dropped);
        CollectionAssert.AreEqual(dropped, Skipping(1, values));
        all.Active = false;
        all.Active = true;
        CollectionAssert.AreEqual(dropped, TinyEncoder.Logits(model), "switching off and on keeps what is dropped");
        all.DropLayers(2);
        CollectionAssert.AreNotEqual(dropped, TinyEncoder.Logits(model));
        all.DropLayers(0);
        CollectionAssert.AreEqual(complete, TinyEncoder.Logits(model));
    }

    private static float[] Skipping(int layers, Dictionary<string, float[]> values)
    {
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new BottleneckAdapter { Size = 3, SkipLayers = layers });
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.copy_(tensor(values[parameter.Name]).view(parameter.Parameter.shape));
        model.WeightsChanged();
        return TinyEncoder.Logits(model);
    }

    [TestMethod]
    public void TheOptionDropsLayersInScoringOnly()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new BottleneckAdapter { Size = 3, DropLayers = 1 });
        bool[] Active() => [.. adapter.Placed.Select(placed => placed.Module.Active)];

        CollectionAssert.AreEqual((bool[])[false, true], Active());
        adapter.Train(true);
        CollectionAssert.AreEqual((bool[])[true, true], Active());
        adapter.Train(false);
        CollectionAssert.AreEqual((bool[])[false, true], Active());
    }

    [TestMethod]
    public void WhatScoringDropsIsSavedWithTheModel()
    {
        EncoderSource encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 2, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200 });
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new BottleneckAdapter { Size = 4, RandomDropLayers = 1, DropLayers = 1 }, encoder: encoder));
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));

        CollectionAssert.AreEqual((bool[])[false, true], loaded.Adapter.Placed.Select(placed => placed.Module.Active).ToArray());
        float[] scores = TinyTexts.Scores(loaded, TinyTexts.Test.Inputs);
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), scores);
        loaded.Adapter.Train(true);
        CollectionAssert.AreNotEqual(scores, TinyTexts.Scores(loaded, TinyTexts.Test.Inputs), "the lowest layer's adapter does something");
    }

    [TestMethod]
    public void SkippedLayersStayFrozen()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using (PeftAdapter all = PeftAdapter.Attach(model, BottleneckAdapter.Houlsby() with { Size = 2 }))
            Assert.AreEqual(0, all.FrozenLayers);
        using PeftAdapter skipping = PeftAdapter.Attach(model, BottleneckAdapter.Houlsby() with { Size = 2, SkipLayers = 1 });
        Assert.AreEqual(1, skipping.FrozenLayers);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new BottleneckAdapter { SkipLayers = 2 })).Message, "SkipLayers is 2; the model has 2");
    }

    /// <summary>Every number of layers is drawn as often as any other, and modules are as they were when training ends.</summary>
    [TestMethod]
    public void RandomDropDrawsFromAllNumbersOfLayers()
    {
        int[] counts = new int[4];
        for (int step = 0; step < 4000; step++)
            counts[AdapterDropTraining.Dropped(step, 3)]++;
        Assert.IsTrue(counts.All(count => count is > 850 and < 1150), string.Join(", ", counts));

        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new BottleneckAdapter { Size = 3, RandomDropLayers = 2 });
        var seen = new List<(int Expected, int Found)>();
        Trainee.Train(adapter, steps: 20, state => seen.Add((AdapterDropTraining.Dropped(state.Step - 1, 2), adapter.Placed.Count(placed => !placed.Module.Active))));
        foreach ((int expected, int found) in seen)
            Assert.AreEqual(expected, found);
        Assert.HasCount(3, seen.Distinct().ToArray());
        Assert.IsTrue(adapter.Placed.All(placed => placed.Module.Active));
    }

    [TestMethod]
    [DataRow("Placement", "3", "expected Serial")]
    [DataRow("Sublayers", "None", "Attention, FeedForward or Both")]
    [DataRow("ReductionFactor", "0", "1 to")]
    [DataRow("Size", "0", "or null")]
    [DataRow("Activation", "9", "Relu, Gelu")]
    [DataRow("Scale", "0", "other than 0")]
    [DataRow("Initialization", "5", "Zero, NearZero")]
    [DataRow("Dropout", "1", "below 1")]
    [DataRow("SkipLayers", "-1", "at least 0")]
    [DataRow("RandomDropLayers", "-1", "at least 0")]
    [DataRow("DropLayers", "-2", "at least 0")]
    public void OptionsOutOfRangeAreNamed(string option, string found, string expected)
    {
        var method = new BottleneckAdapter();
        switch (option)
        {
            case "Placement": method.Placement = (AdapterPlacement)3; break;
            case "Sublayers": method.Sublayers = Sublayers.None; break;
            case "ReductionFactor": method.ReductionFactor = 0; break;
            case "Size": method.Size = 0; break;
            case "Activation": method.Activation = (AdapterActivation)9; break;
            case "Scale": method.Scale = 0; break;
            case "Initialization": method.Initialization = (AdapterInitialization)5; break;
            case "Dropout": method.Dropout = 1; break;
            case "SkipLayers": method.SkipLayers = -1; break;
            case "RandomDropLayers": method.RandomDropLayers = -1; break;
            case "DropLayers": method.DropLayers = -2; break;
        }
        string message = Assert.ThrowsExactly<ArgumentException>(method.Validate).Message;
        StringAssert.Contains(message, $"BottleneckAdapter.{option} is {found}");
        StringAssert.Contains(message, expected);
    }
}
