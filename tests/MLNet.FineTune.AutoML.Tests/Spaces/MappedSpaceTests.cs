using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML.Tests.Spaces;

[TestClass]
public sealed class MappedSpaceTests
{
    [TestMethod]
    public void AnyPointGoesThereAndBack()
    {
        AutoMLSpace root = Root();
        var mapped = new MappedSpace(root);
        CollectionAssert.AreEquivalent(
            new[] { "epochs", "inner.Activation", "inner.Bias", "inner.Deep.Size", "inner.Rank", "inner.Rate" }, mapped.Space.Names.ToArray());
        var random = new Random(3);
        for (int i = 0; i < 40; i++)
        {
            IReadOnlyDictionary<string, object> point = mapped.Space.Sample(random);
            Parameter written = mapped.Write(point);
            Assert.HasCount(root.FeatureSpaceDim, root.MappingToFeatureSpace(written), "AutoML takes it");
            AssertSame(point, mapped.Read(written));
            Inner inner = written["inner"].AsType<Inner>();
            Assert.AreEqual((long)inner.Rank, point["inner.Rank"]);
            Assert.AreEqual(inner.Activation.ToString(), point["inner.Activation"]);
            Assert.AreEqual(inner.Bias, point["inner.Bias"]);
            Assert.AreEqual((long)inner.Deep.Size, point["inner.Deep.Size"]);
            Assert.AreEqual(inner.Rate, (double)point["inner.Rate"], 1e-7);
        }
    }

    [TestMethod]
    public void DefaultIsTheOptionsDefault()
    {
        var mapped = new MappedSpace(Root());
        Inner inner = mapped.Write(mapped.Space.Default)["inner"].AsType<Inner>();
        Assert.AreEqual(8, inner.Rank);
        Assert.AreEqual(0.3f, inner.Rate, 1e-6f);
        Assert.AreEqual(AdapterActivation.Gelu, inner.Activation);
        Assert.IsTrue(inner.Bias);
        Assert.AreEqual(5, inner.Deep.Size);
    }

    [TestMethod]
    public void WhatDoesNotVaryStays()
    {
        var root = new AutoMLSpace { ["inner"] = new SearchSpace<Inner>(new Inner { Column = "Text", Rank = 4 }), ["only"] = new ChoiceOption("one") };
        Parameter written = new MappedSpace(root).Write(new MappedSpace(root).Space.Default);
        Assert.AreEqual("Text", written["inner"]["Column"].AsType<string>());
        Assert.AreEqual("one", written["only"].AsType<string>());
    }

    [TestMethod]
    public void EstimatorsCountWhereThePipelineHasThem()
    {
        var pipeline = new AutoMLSpace
        {
            ["e0"] = new AutoMLSpace(),
            ["e1"] = new AutoMLSpace { ["rank"] = new UniformIntOption(1, 8) },
            ["e10"] = new AutoMLSpace { ["size"] = new UniformIntOption(1, 8) },
            ["e2"] = new AutoMLSpace { ["shared"] = new UniformIntOption(1, 8) },
            ["_SCHEMA_"] = new ChoiceOption("e0 * e1 * e2", "e0 * (e10 * e2)"),
        };
        var mapped = new MappedSpace(new AutoMLSpace { ["_pipeline_"] = pipeline });
        var random = new Random(1);
        bool[] seen = new bool[2];
        for (int i = 0; i < 40; i++)
        {
            IReadOnlyDictionary<string, object> point = mapped.Space.Sample(random);
            bool first = (string)point["_pipeline_._SCHEMA_"] == "e0 * e1 * e2";
            seen[first ? 1 : 0] = true;
            Assert.AreEqual(first, point.ContainsKey("_pipeline_.e1.rank"));
            Assert.AreEqual(!first, point.ContainsKey("_pipeline_.e10.size"));
            Assert.IsTrue(point.ContainsKey("_pipeline_.e2.shared"));
            Parameter written = mapped.Write(point);
            Assert.AreEqual(point["_pipeline_._SCHEMA_"], written["_pipeline_"]["_SCHEMA_"].AsType<string>());
            Assert.IsTrue(written["_pipeline_"]["e10"].ContainsKey("size"), "all are there, as AutoML's own tuners have them");
            AssertSame(point, mapped.Read(written));
        }
        Assert.IsTrue(seen[0] && seen[1]);
    }

    [TestMethod]
    public void NothingToChooseIsSaid() =>
        Assert.ThrowsExactly<ArgumentException>(() => new MappedSpace(new AutoMLSpace { ["only"] = new ChoiceOption("one") }));

    private static AutoMLSpace Root() => new() { ["inner"] = new SearchSpace<Inner>(), ["epochs"] = new UniformIntOption(1, 20, false, 3) };

    private static void AssertSame(IReadOnlyDictionary<string, object> expected, IReadOnlyDictionary<string, object> actual)
    {
        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach ((string name, object value) in expected)
            if (value is double number)
                Assert.AreEqual(number, (double)actual[name], 1e-6 * Math.Abs(number) + 1e-12, name);
            else
                Assert.AreEqual(value, actual[name], name);
    }

    public sealed class Inner
    {
        [Range(1, 64, init: 8, logBase: true)]
        public int Rank { get; set; } = 8;

        [Range(0.1f, 0.9f, init: 0.3f)]
        public float Rate { get; set; } = 0.3f;

        [Choice([AdapterActivation.Relu, AdapterActivation.Gelu, AdapterActivation.Silu], AdapterActivation.Gelu)]
        public AdapterActivation Activation { get; set; } = AdapterActivation.Gelu;

        [BooleanChoice(true)]
        public bool Bias { get; set; } = true;

        [NestOption]
        public Deep Deep { get; set; } = new();

        public string? Column { get; set; }
    }

    public sealed class Deep
    {
        [Range(2, 9, init: 5)]
        public int Size { get; set; } = 5;
    }
}
