using MLNet.FineTune.Encoders;
using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class AutoPeftSpaceTests
{
    private static readonly AutoPeftSpace Paper = new() { HiddenSize = 768, LayerCount = 12, Lora = false, BitFit = false, LearningRates = null, Epochs = null };

    [TestMethod]
    public void ThePapersSpaceHasItsSize()
    {
        Assert.AreEqual(11 * 11 * 7 * Math.Pow(2, 12), Paper.ToSpace().PointCount);
    }

    [TestMethod]
    public void SizesFollowTheWidth()
    {
        ParameterSpace space = (Paper with { HiddenSize = 384, LayerCount = 6 }).ToSpace();
        CollectionAssert.AreEqual(new object[] { 0L, 1L, 2L, 3L, 6L, 12L, 24L, 48L, 96L, 192L, 384L },
            space.Grid(20).Select(point => point["serialSize"]).Distinct().ToArray());
        Assert.AreEqual(24L, space.Default["serialSize"]);
    }

    /// <summary>Without its only layer a point would be the head alone, whatever its sizes.</summary>
    [TestMethod]
    public void ASingleLayerHasNoSwitch()
    {
        AutoPeftSpace one = new() { HiddenSize = 768, LayerCount = 1 }, two = new() { HiddenSize = 768, LayerCount = 2 };
        Assert.DoesNotContain("layer0", one.ToSpace().Names);
        CollectionAssert.IsSubsetOf((string[])["layer0", "layer1"], two.ToSpace().Names.ToArray());
        Assert.AreEqual(new BottleneckAdapter { Size = 48 }.Format(), one.CreateMethod(one.ToSpace().Default).Format());
    }

    [TestMethod]
    public void APointIsAUnionOfParts()
    {
        AutoPeftSpace space = new() { HiddenSize = 768, LayerCount = 3 };
        var point = new Dictionary<string, object>(space.ToSpace().Default)
        {
            ["serialSize"] = 48, ["parallelSize"] = 192, ["prefixLength"] = 10, ["loraRank"] = 4, ["loraAllLinear"] = false, ["bitFit"] = true, ["layer1"] = false, ["epochs"] = 7, ["learningRate"] = 2e-3,
        };
        var union = (PeftUnion)space.CreateMethod(point);
        PeftMethod[] expected =
        [
            new PrefixTuning { Length = 10 },
            BottleneckAdapter.ScaledParallel() with { Size = 192 },
            new BottleneckAdapter { Size = 48 },
            new Lora { Rank = 4, Alpha = 8, Targets = TargetModules.Query | TargetModules.Value },
            new BitFit(),
        ];
        CollectionAssert.AreEqual(expected, union.Parts.Select(WithoutLayers).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 2 }, ((BottleneckAdapter)union.Parts[2]).Layers);
        TrainingOptions training = space.CreateTraining(point, new TrainingOptions { BatchSize = 8 });
        Assert.AreEqual((7, 2e-3, 8), (training.Epochs, training.LearningRate, training.BatchSize));
        union.Validate();
    }

    [TestMethod]
    public void UsualMethodsAreThoseOfTheirNames()
    {
        AutoPeftSpace space = new() { HiddenSize = 32, LayerCount = 2 };
        EncoderConfig encoder = TinySearch.Config;
        IReadOnlyList<IReadOnlyDictionary<string, object>> points = space.UsualMethods(encoder, new TrainingOptions { Epochs = 4 });
        PeftMethod[] expected =
        [
            new HeadOnly(),
            new Lora { Rank = 8, Targets = TargetModules.Query | TargetModules.Value },
            new Lora { Rank = 8, Targets = TargetModules.AllLinear },
            new BottleneckAdapter { Size = 2 },
            BottleneckAdapter.ScaledParallel() with { Size = 2 },
            new PrefixTuning { Length = 10 },
            new PeftUnion(new PrefixTuning { Length = 10 }, BottleneckAdapter.ScaledParallel() with { Size = 2 }),
            new BitFit(),
        ];
        CollectionAssert.AreEqual(expected.Select(method => method.Format()).ToArray(), points.Select(point => space.CreateMethod(point).Format()).ToArray());
        foreach (var (method, point) in expected.Zip(points))
        {
            Assert.IsTrue(space.ToSpace().Contains(point));
            TrainingOptions training = space.CreateTraining(point);
            Assert.AreEqual(4, training.Epochs);
            Assert.AreEqual(method.DefaultLearningRateFor(encoder), training.LearningRate!.Value, 1e-12, method.Format());
        }
        AutoPeftSpace paper = Paper with { MaxPrefixLength = 4 };
        Assert.AreEqual("head, bottleneck, bottleneck, prefix-tuning", string.Join(", ", paper.UsualMethods(encoder, new()).Select(point => paper.CreateMethod(point).MethodName).Take(4)));
    }

    [TestMethod]
    public void WhatIsOffIsNotThere()
    {
        ParameterSpace space = Paper.ToSpace();
        Assert.AreEqual(new BottleneckAdapter { Size = 48 }, Paper.CreateMethod(space.Default));
        var off = new Dictionary<string, object>(space.Default) { ["serialSize"] = 0 };
        Assert.AreEqual(new HeadOnly(), Paper.CreateMethod(off));
        var noLayers = space.Default.ToDictionary(pair => pair.Key, pair => pair.Value is true ? false : pair.Value);
        Assert.AreEqual(new HeadOnly(), Paper.CreateMethod(noLayers));
        var random = new Random(1);
        for (int i = 0; i < 30; i++)
            Paper.CreateMethod(space.Sample(random)).Validate();
    }

    [TestMethod]
    public void MistakesAreNamed()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => (Paper with { LayerCount = 0 }).ToSpace()).Message, "AutoPeftSpace.LayerCount is 0; expected at least 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Paper.CreateMethod(new Dictionary<string, object>())).Message, "'serialSize' is missing");
    }

    private static PeftMethod WithoutLayers(PeftMethod method) => method switch
    {
        PrefixTuning part => part with { Layers = null },
        BottleneckAdapter part => part with { Layers = null },
        Lora part => part with { Layers = null },
        _ => method,
    };
}
