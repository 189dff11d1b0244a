using MLNet.FineTune.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class ParameterGroupsTests
{
    [TestMethod]
    public void DecaySparesBiasesAndNormalisation()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<ParameterGroup> groups = ParameterGroups.Build(
        [
            ("embeddings.word.weight", new Parameter(zeros(5, 3)), 0),
            ("layer.0.query.weight", new Parameter(zeros(3, 3)), 1),
            ("layer.0.query.bias", new Parameter(zeros(3)), 1),
            ("layer.0.LayerNorm.weight", new Parameter(zeros(3)), 1),
            ("layer.0.norm.scale", new Parameter(zeros(3, 1)), 1),
            ("layer.0.gain", new Parameter(zeros(3)), 1),
            ("layer.0.relative_bias", new Parameter(zeros(4, 2)), 1),
            ("frozen.weight", new Parameter(zeros(3, 3), requires_grad: false), 1),
            ("head.weight", new Parameter(zeros(2, 3)), null),
        ], new TrainingOptions { WeightDecay = 0.1 }, 1);

        Assert.HasCount(2, groups);
        CollectionAssert.AreEqual((string[])["embeddings.word.weight", "layer.0.query.weight", "head.weight"], Names(groups.Single(g => g.WeightDecay == 0.1)));
        CollectionAssert.AreEqual(
            (string[])["layer.0.query.bias", "layer.0.LayerNorm.weight", "layer.0.norm.scale", "layer.0.gain", "layer.0.relative_bias"],
            Names(groups.Single(g => g.WeightDecay == 0)));
        Assert.IsTrue(groups.All(g => g.LearningRateScale == 1));
    }

    [TestMethod]
    public void LowerLayersLearnSlower()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<ParameterGroup> groups = ParameterGroups.Build(
            [("e", Matrix(), 0), ("l1", Matrix(), 1), ("l2", Matrix(), 2), ("l3", Matrix(), 3), ("head", Matrix(), null)],
            new TrainingOptions { LayerwiseLearningRateDecay = 0.5 }, 3);
        Dictionary<string, double> scales = groups.ToDictionary(g => g.Parameters.Single().Name, g => g.LearningRateScale);
        Assert.AreEqual(1, scales["head"]);
        Assert.AreEqual(0.5, scales["l3"], 1e-15);
        Assert.AreEqual(0.25, scales["l2"], 1e-15);
        Assert.AreEqual(0.125, scales["l1"], 1e-15);
        Assert.AreEqual(0.0625, scales["e"], 1e-15);
    }

    [TestMethod]
    public void AParameterMayHaveARateOfItsOwn()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<ParameterGroup> groups = ParameterGroups.Build(
            [("l1", Matrix(), 1), ("prompt", Matrix(), null), ("head", Matrix(), null)],
            new TrainingOptions { LayerwiseLearningRateDecay = 0.5 }, 1, new Dictionary<string, double> { ["l1"] = 3, ["prompt"] = 1, ["head"] = 0.1 });
        Dictionary<string, double> scales = groups.ToDictionary(g => g.Parameters.Single().Name, g => g.LearningRateScale);
        Assert.AreEqual(1.5, scales["l1"], 1e-15);
        Assert.AreEqual(1, scales["prompt"]);
        Assert.AreEqual(0.1, scales["head"]);
    }

    [TestMethod]
    public void WrongInputIsNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new TrainingOptions();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterGroups.Build([("a", Matrix(), 4)], options, 3)).Message, "'a' is said to be in layer 4");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterGroups.Build([("a", Matrix(), 1), ("a", Matrix(), 2)], options, 3)).Message, "'a' occurs twice");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterGroups.Build([("a", new Parameter(zeros(2, 2), false), 1)], options, 3)).Message, "trainable");
    }

    private static Parameter Matrix() => new(zeros(2, 2));

    private static string[] Names(ParameterGroup group) => [.. group.Parameters.Select(member => member.Name)];
}
