using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.Search;

namespace MLNet.FineTune.AutoML.Tests.Spaces;

[TestClass]
public sealed class CodedOptionTests
{
    [TestMethod]
    [DataRow(1, 64, true)]
    [DataRow(1, 200, true)]
    [DataRow(-7, 90, false)]
    public void WholeNumbersComeBackAsTheyAre(int min, int max, bool logarithmic)
    {
        for (int value = min; value <= max; value++)
        {
            CodedOption option = CodedOption.Of("n", new UniformIntOption(min, max, logarithmic, value))!;
            Assert.AreEqual((long)value, option.Dimension.ValueAt(option.Dimension.Default), "the default");
            Parameter written = option.Write((long)value);
            Assert.AreEqual(value, written.AsType<int>());
            Assert.AreEqual((long)value, option.Read(written));
        }
    }

    [TestMethod]
    public void RealNumbersKeepScaleAndDefault()
    {
        CodedOption rate = CodedOption.Of("rate", new UniformDoubleOption(1e-6, 1e-2, true, 5e-5))!;
        Assert.IsTrue(rate.Dimension.Logarithmic);
        Assert.AreEqual(5e-5, rate.Dimension.ValueAt(rate.Dimension.Default));
        Assert.AreEqual(1e-4, (double)rate.Dimension.ValueAt(0.5), 1e-12);
        Assert.AreEqual(3e-4, rate.Read(rate.Write(3e-4)));

        CodedOption share = CodedOption.Of("share", new UniformSingleOption(0.1f, 0.9f, false, 0.3f))!;
        Assert.AreEqual(0.3, (double)share.Dimension.ValueAt(share.Dimension.Default), 1e-9);
        foreach (double unit in new[] { 0, 0.37, 1 })
            Assert.IsNotNull(share.Dimension.UnitOf(share.Read(share.Write(share.Dimension.ValueAt(unit)))), "stays within bounds that are floats");
        Assert.AreEqual(0.25f, share.Write(0.25).AsType<float>());
    }

    [TestMethod]
    public void SinglesAreReadAsTheDecimalsThatTheyStandFor()
    {
        CodedOption scale = CodedOption.Of("scale", new UniformSingleOption(1e-30f, 1e30f, true, 1f))!;
        foreach ((float number, double expected) in new[] { (0.1f, 0.1), (0.12345679f, 0.12345679), (3e-29f, 3e-29), (9e29f, 9e29) })
            Assert.AreEqual(expected, scale.Read(Parameter.FromFloat(number)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => scale.Read(Parameter.FromFloat(float.NaN))).Message, "'scale'");
    }

    [TestMethod]
    public void RangeWithoutDefaultBeginsAtItsLowest()
    {
        CodedOption option = CodedOption.Of("n", new UniformIntOption(3, 9))!;
        Assert.AreEqual(3L, option.Dimension.ValueAt(option.Dimension.Default));
    }

    [TestMethod]
    public void ChoicesAreTheOptionsOwn()
    {
        Check(["b", "a", "c"], "c", ordered: false);
        Check([8, 64, 16, 32], 32, ordered: true);
        Check([0.5, 0.25], 0.25, ordered: true);
        Check([true, false], false, ordered: true); // two are always in order
        Check([AdapterActivation.Silu, AdapterActivation.Relu, AdapterActivation.Gelu], AdapterActivation.Gelu, ordered: false);

        static void Check(object[] choices, object initial, bool ordered)
        {
            CodedOption option = CodedOption.Of("c", new ChoiceOption(choices, initial))!;
            object[] values = [.. option.Dimension.Spread(int.MaxValue).Select(option.Dimension.ValueAt)];
            CollectionAssert.AreEquivalent(choices.Select(choice => ParameterValues.Normalize("c", choice)).ToArray(), values);
            Assert.AreEqual(ordered, option.Dimension.Ordered);
            if (values[0] is long or double)
                CollectionAssert.AreEqual(values.Order().ToArray(), values, "numbers are in order");
            Assert.AreEqual(ParameterValues.Normalize("c", initial), option.Dimension.ValueAt(option.Dimension.Default));
            foreach (object value in values)
            {
                Assert.AreEqual(Parameter.FromObject(choices.Single(choice => value.Equals(ParameterValues.Normalize("c", choice)))), option.Write(value));
                Assert.AreEqual(value, option.Read(option.Write(value)));
            }
        }
    }

    [TestMethod]
    public void OtherThingsAreChosenByTheirPlace()
    {
        CodedOption option = CodedOption.Of("list", new ChoiceOption(new object[] { new[] { 1, 2 }, new[] { 3 } }))!;
        foreach (string place in new[] { "#0", "#1" })
            Assert.AreEqual(place, option.Read(option.Write(place)));
        CollectionAssert.AreEqual(new[] { 3 }, option.Write("#1").AsType<int[]>());
    }

    [TestMethod]
    public void ASingleChoiceIsNoParameter() => Assert.IsNull(CodedOption.Of("c", new ChoiceOption("only")));

    [TestMethod]
    public void UnknownChoicesAndOptionsAreNamed()
    {
        CodedOption option = CodedOption.Of("activation", new ChoiceOption("relu", "gelu"))!;
        var error = Assert.ThrowsExactly<ArgumentException>(() => option.Read(Parameter.FromString("tanh")));
        StringAssert.Contains(error.Message, "'activation' is tanh");
        error = Assert.ThrowsExactly<ArgumentException>(() => CodedOption.Of("other", new OwnOption()));
        StringAssert.Contains(error.Message, "'other'");
        StringAssert.Contains(error.Message, nameof(OwnOption));
    }

    private sealed class OwnOption : OptionBase
    {
        public override int FeatureSpaceDim => 1;

        public override int?[] Step => [null];

        public override double[] MappingToFeatureSpace(Parameter value) => [0];

        public override Parameter SampleFromFeatureSpace(double[] values) => Parameter.FromInt(0);
    }
}
