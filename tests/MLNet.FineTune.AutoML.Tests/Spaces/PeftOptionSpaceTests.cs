using System.Reflection;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.AutoML.Tests.Fixtures;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML.Tests.Spaces;

[TestClass]
public sealed class PeftOptionSpaceTests
{
    private static readonly Dictionary<string, object> None = [];

    private static readonly Type[] Methods = [.. typeof(PeftMethod).Assembly.GetTypes().Where(type => type is { IsPublic: true, IsAbstract: false } && type.IsSubclassOf(typeof(PeftMethod)) && type.GetConstructor([]) is not null && type != typeof(PeftUnion))];

    [TestMethod]
    public void DefaultSpaceBeginsWithTheTrainersOwnValues()
    {
        var trainer = new TextClassificationOptions { Peft = new Lora { Rank = 24, Alpha = 48, UseDora = true, Targets = TargetModules.AllLinear }, Training = { Epochs = 7, BatchSize = 4 } };
        PeftOptionSpace space = MarkedOptions.SpaceOrDefault(null, trainer);
        TextClassificationOptions first = space.Apply(First(space), trainer);
        Assert.AreEqual(trainer.Peft.Format(), first.Peft.Format());
        Assert.AreEqual(7, first.Training.Epochs);
        Assert.AreEqual(4, first.Training.BatchSize);
        Assert.AreEqual(5e-4, first.Training.LearningRate!.Value, 1e-9, "the method's own, where none is given");
        Assert.AreNotSame(trainer.Training, first.Training);
        Assert.IsNull(trainer.Training.LearningRate, "the template is not changed");
    }

    /// <summary>All methods but unions, which need parts: the first point is the method as it is, and any point is a method that formats and parses.</summary>
    [TestMethod]
    public void EveryMethodHasASpace()
    {
        Assert.IsGreaterThan(20, Methods.Length);
        foreach (Type type in Methods)
        {
            var trainer = new TextClassificationOptions { Peft = (PeftMethod)Activator.CreateInstance(type)! };
            PeftOptionSpace space = MarkedOptions.SpaceOrDefault(null, trainer);
            var mapped = new MappedSpace(new AutoMLSpace { ["peft"] = space });
            Assert.AreEqual(trainer.Peft.Format(), space.Apply(mapped.Write(mapped.Space.Default)["peft"], trainer).Peft.Format(), type.Name);
            var random = new Random(2);
            for (int i = 0; i < 5; i++)
            {
                TextClassificationOptions chosen = space.Apply(mapped.Write(mapped.Space.Sample(random))["peft"], trainer);
                Assert.AreEqual(type, chosen.Peft.GetType());
                Assert.AreEqual(chosen.Peft.Format(), PeftMethod.Parse(chosen.Peft.Format()).Format(), type.Name);
            }
        }
    }

    /// <summary>AutoML makes a space of a method's type by the attributes alone; its default is the method as it is.</summary>
    [TestMethod]
    public void EveryMethodIsASpaceOfAutoMLs()
    {
        MethodInfo check = typeof(PeftOptionSpaceTests).GetMethod(nameof(CheckSpaceOf), BindingFlags.NonPublic | BindingFlags.Static)!;
        foreach (Type type in Methods)
            check.MakeGenericMethod(type).Invoke(null, null);
    }

    private static void CheckSpaceOf<T>() where T : PeftMethod, new()
    {
        var own = new T();
        var space = new SearchSpace<T>();
        foreach ((string name, OptionBase option) in space)
        {
            double[] expected = option.MappingToFeatureSpace(Parameter.FromObject(typeof(T).GetProperty(name)!.GetValue(own)!));
            Assert.HasCount(expected.Length, option.Default!);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], option.Default![i], 1e-6, $"{typeof(T).Name}.{name}");
        }
        var random = new Random(3);
        for (int i = 0; i < 5; i++)
            Assert.IsNotNull(space.SampleFromFeatureSpace([.. Enumerable.Range(0, space.FeatureSpaceDim).Select(_ => random.NextDouble())]));
        if (space.FeatureSpaceDim == 0)
            return;
        var mapped = new MappedSpace(new AutoMLSpace { ["method"] = space });
        Assert.AreEqual(own.Format(), mapped.Write(mapped.Space.Default)["method"].AsType<T>().Format(), "our tuners begin with it, not with whole numbers below");
    }

    [TestMethod]
    public void AutoMLsOwnPointsAreRead()
    {
        var trainer = new TextClassificationOptions { Peft = new BottleneckAdapter() };
        PeftOptionSpace space = MarkedOptions.SpaceOrDefault(null, trainer);
        var random = new Random(4);
        double[][] corners = [[.. Enumerable.Repeat(0.0, space.FeatureSpaceDim)], [.. Enumerable.Repeat(1.0, space.FeatureSpaceDim)]];
        foreach (double[] units in corners.Concat(Enumerable.Range(0, 100).Select(_ => Enumerable.Range(0, space.FeatureSpaceDim).Select(_ => random.NextDouble()).ToArray())))
            Assert.IsInstanceOfType<BottleneckAdapter>(space.Apply(space.SampleFromFeatureSpace(units), trainer).Peft);
    }

    [TestMethod]
    public void ConditionsAndConstraintsHoldForOurTunersAndAreCheckedForOthers()
    {
        ParameterSpace parameters = new ParameterSpaceBuilder()
            .Choice("method", "lora", "prefix")
            .Integer("rank", 1, 16).When("rank", "method", "lora")
            .Integer("length", 1, 16).When("length", "method", "prefix")
            .Require("prefixes are short", point => !point.TryGetValue("length", out object? length) || (long)length < 5)
            .Build();
        PeftSearchSpace peft = PeftSearchSpace.Of(parameters, point => (string)point["method"] == "lora" ? new Lora { Rank = (int)(long)point["rank"] } : new PrefixTuning { Length = (int)(long)point["length"] });
        var space = new PeftOptionSpace(peft, None);
        var trainer = new TextClassificationOptions();
        int prefixes = 0;
        foreach (Parameter proposed in Loop.Run(new FineTuneTuner(new AutoMLSpace { ["x"] = space }, new RandomTuner()), 20, _ => 1.0))
            if (space.Apply(proposed["x"], trainer).Peft is PrefixTuning prefix)
            {
                prefixes++;
                Assert.IsLessThan(5, prefix.Length);
            }
        Assert.IsGreaterThan(0, prefixes);

        Parameter broken = First(space);
        (broken["method"], broken["length"]) = (Parameter.FromString("prefix"), Parameter.FromInt(9));
        var error = Assert.ThrowsExactly<ArgumentException>(() => space.Apply(broken, trainer));
        StringAssert.Contains(error.Message, "prefixes are short");
    }

    [TestMethod]
    public void SingleValuesAndMissingOnes()
    {
        ParameterSpace parameters = new ParameterSpaceBuilder().Integer("fixed", 3, 3).Choice("one", "a").Integer("rank", 1, 4).Build();
        var space = new PeftOptionSpace(PeftSearchSpace.Of(parameters, point => new Lora { Rank = (int)(long)point["fixed"] * (int)(long)point["rank"] }), None);
        IReadOnlyDictionary<string, object> point = space.Read(First(space));
        Assert.AreEqual(3L, point["fixed"]);
        Assert.AreEqual("a", point["one"]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => space.Read(Parameter.CreateNestedParameter()));
        StringAssert.Contains(error.Message, "'rank' is missing");
    }

    [TestMethod]
    public void NumbersThatAutoMLDoesNotTakeAreNamed()
    {
        ParameterSpace parameters = new ParameterSpaceBuilder().Integer("big", 1, 1L << 40).Build();
        var error = Assert.ThrowsExactly<ArgumentException>(() => new PeftOptionSpace(PeftSearchSpace.Of(parameters, _ => new Lora()), None));
        StringAssert.Contains(error.Message, "'big'");
    }

    private static Parameter First(PeftOptionSpace space)
    {
        var mapped = new MappedSpace(new AutoMLSpace { ["x"] = space });
        return mapped.Write(mapped.Space.Default)["x"];
    }
}
