using System.Text.Json;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class OptionsSpaceTests
{
    [TestMethod]
    public void AttributesOfOurOptionsAreRead()
    {
        ParameterSpace<Lora> space = ParameterSpace.Of<Lora>();
        CollectionAssert.AreEquivalent(new[] { "Rank", "Alpha", "Dropout", "RankStabilized", "UseDora", "Initialization", "WordEmbeddings" }, space.Names.ToArray());
        IReadOnlyDictionary<string, object> initial = space.Default;
        Assert.AreEqual(8L, initial["Rank"]);
        Assert.AreEqual(16, (double)initial["Alpha"], 1e-9);
        Assert.AreEqual("Default", initial["Initialization"]);
        Assert.AreEqual(new Lora(), space.Create(initial));

        Lora made = space.Create(new Dictionary<string, object> { ["Rank"] = 4, ["Initialization"] = "Gaussian", ["UseDora"] = true, ["Dropout"] = 0.25 }, new Lora { Alpha = 3 });
        Assert.AreEqual(new Lora { Rank = 4, Initialization = LoraInitialization.Gaussian, UseDora = true, Dropout = 0.25f, Alpha = 3 }, made);
    }

    [TestMethod]
    public void OptionsThatExcludeEachOtherAreInNoPointTogether()
    {
        ParameterSpace<Lora> space = ParameterSpace.Of<Lora>();
        Dictionary<string, object> point = new(space.Default) { ["UseDora"] = true };
        Assert.IsTrue(space.Contains(point));
        point["Initialization"] = "Pissa";
        Assert.IsFalse(space.Contains(point));
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
            space.Create(space.Sample(random)).Validate();
    }

    [TestMethod]
    public void TrainingOptionsVaryToo()
    {
        ParameterSpace<TrainingOptions> space = ParameterSpace.Of<TrainingOptions>(builder => builder.Remove("ClassWeighting"));
        var template = new TrainingOptions { ValidationFraction = 0.2 };
        TrainingOptions made = space.Create(new Dictionary<string, object> { ["LearningRate"] = 1e-4, ["BatchSize"] = 16, ["Schedule"] = "Cosine" }, template);
        Assert.AreEqual((1e-4, 16, LearningRateSchedule.Cosine, 0.2), (made.LearningRate, made.BatchSize, made.Schedule, made.ValidationFraction));
        Assert.IsNull(template.LearningRate, "the template stays");
        Assert.IsTrue(space.Dimensions.First(dimension => dimension.Name == "BatchSize").Ordered);
        Assert.IsFalse(space.Dimensions.First(dimension => dimension.Name == "Schedule").Ordered);
        var random = new Random(1);
        for (int i = 0; i < 50; i++)
            space.Create(space.Sample(random)).Validate();
    }

    /// <summary>Microsoft.ML.AutoML goes by the attributes alone: without a default they begin with the lowest number, the first choice and true.</summary>
    [TestMethod]
    public void AttributesBeginWithTheOptionsOwnValues()
    {
        int count = 0;
        foreach (Type type in new[] { typeof(Lora), typeof(TextClassificationOptions), typeof(PeftSearchOptions) }.SelectMany(known => known.Assembly.GetExportedTypes()).Where(type => !type.IsAbstract && type.GetConstructor([]) is not null))
            foreach (OptionsMember option in OptionsMember.Of(type).Where(option => !option.Nested))
            {
                object? initial = option.Find<RangeAttribute>() is { } range ? range.Init ?? range.Min
                    : option.Find<ChoiceAttribute>() is { } choice ? choice.DefaultValue ?? choice.Candidates[0]
                    : option.Find<BooleanChoiceAttribute>()!.DefaultValue;
                if (option.Get(Activator.CreateInstance(type)!) is { } own)
                    Assert.AreEqual(own, initial, $"{type.Name}.{option.Name}");
                count++;
            }
        Assert.IsGreaterThan(100, count);
    }

    private sealed record Inner
    {
        [Range(1, 5, 2)]
        public int Depth { get; init; } = 2;

        public string Kept { get; init; } = "";
    }

    private sealed record Outer
    {
        [NestOption]
        public Inner Inner { get; init; } = new() { Kept = "by the outer one" };

        [Range(0.0, 2.0)]
        public double Weight { get; init; } = 1.5;

        [BooleanChoice(true)]
        public bool Flag = true;
    }

    [TestMethod]
    public void NestedRecordsWithInitSettersAreBuilt()
    {
        ParameterSpace<Outer> space = ParameterSpace.Of<Outer>(builder => builder.Real("free", 0, 1).When("free", "Flag", true));
        CollectionAssert.AreEquivalent(new[] { "Inner.Depth", "Weight", "Flag", "free" }, space.Names.ToArray());
        Assert.AreEqual(1.5, space.Default["Weight"], "the property's own value where the attribute has none");
        var template = new Outer();
        Outer made = space.Create(new Dictionary<string, object> { ["Inner.Depth"] = 5L, ["Flag"] = false }, template);
        Assert.AreEqual(new Inner { Depth = 5, Kept = "by the outer one" }, made.Inner);
        Assert.IsFalse(made.Flag);
        Assert.AreEqual(2, template.Inner.Depth, "the template's own options stay");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => space.Create(new Dictionary<string, object> { ["Inner.Depth"] = 6 })).Message, "'Inner.Depth' is 6; expected a whole number from 1 to 5");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ParameterSpace.Of<object>()).Message, "[Range]");
    }

    [TestMethod]
    public void PointsSurviveJson()
    {
        ParameterSpace<Outer> space = ParameterSpace.Of<Outer>();
        IReadOnlyDictionary<string, object> point = space.Sample(new Random(2));
        var back = JsonSerializer.Deserialize<Dictionary<string, object>>(JsonSerializer.Serialize(point))!;
        Assert.IsTrue(space.Contains(back));
        Assert.AreEqual(space.Create(point), space.Create(back));
    }
}
