namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class ParameterSpaceTests
{
    private static ParameterSpaceBuilder Mixed() => new ParameterSpaceBuilder()
        .Real("rate", 1e-4, 1e-2, logarithmic: true, initial: 1e-3)
        .Choice("method", "lora", "prefix", "none")
        .Integer("rank", 1, 64, logarithmic: true, initial: 8).When("rank", "method", "lora")
        .OrderedChoice("length", 1, 5, 10).When("length", "method", "prefix")
        .Boolean("gated").When("gated", "method", "lora", "prefix");

    [TestMethod]
    public void ParametersThatDoNotCountAreNotThere()
    {
        ParameterSpace space = Mixed().Build();
        var random = new Random(1);
        var seen = new HashSet<string>();
        for (int i = 0; i < 300; i++)
        {
            IReadOnlyDictionary<string, object> point = space.Sample(random);
            Assert.IsTrue(space.Contains(point));
            Assert.AreEqual(point["method"] is "lora", point.ContainsKey("rank"));
            Assert.AreEqual(point["method"] is "prefix", point.ContainsKey("length"));
            Assert.AreEqual(point["method"] is not "none", point.ContainsKey("gated"));
            Assert.IsTrue((double)point["rate"] is >= 1e-4 and <= 1e-2);
            seen.Add((string)point["method"]);

            // There and back.
            double[] units = space.ToUnits(point);
            CollectionAssert.AreEqual(point.ToArray(), space.ToParameters(units).ToArray());
            var encoding = new SpaceEncoding(space);
            double[] decoded = encoding.Decode(encoding.Encode(units));
            Assert.AreEqual(space.Key(units), space.Key(decoded));
        }
        Assert.HasCount(3, seen);
    }

    [TestMethod]
    public void DefaultsAreAsGiven()
    {
        IReadOnlyDictionary<string, object> point = Mixed().Build().Default;
        Assert.AreEqual(1e-3, (double)point["rate"], 1e-15);
        Assert.AreEqual("lora", point["method"]);
        Assert.AreEqual(8L, point["rank"]);
        Assert.IsFalse((bool)point["gated"]);
        Assert.HasCount(4, point);
    }

    [TestMethod]
    public void PointsAreCountedAndEnumerated()
    {
        ParameterSpace space = Mixed().Remove("rate").Build();
        // lora: 64 ranks × 2; prefix: 3 lengths × 2; none: 1.
        Assert.AreEqual(64 * 2 + 3 * 2 + 1, space.PointCount);
        Assert.AreEqual(135, space.Grid(64).Select(point => string.Join(',', point)).Distinct().Count());
        Assert.AreEqual(135, space.Grid(64).Count());
        Assert.AreEqual(2 * 2 + 2 * 2 + 1, space.Grid(2).Count());
        Assert.AreEqual(double.PositiveInfinity, Mixed().Build().PointCount);
        Assert.AreEqual(3, new ParameterSpaceBuilder().Real("x", 0, 1).Build().Grid(3).Count());
    }

    [TestMethod]
    public void NeighboursDifferInOneParameter()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Choice("a", 1, 2, 3).OrderedChoice("b", "s", "m", "l").Boolean("c").Integer("d", 0, 1000).Real("e", 0, 1).Build();
        IReadOnlyDictionary<string, object> start = space.Sample(new Random(3));
        var neighbours = space.Neighbours(start).ToList();
        foreach (IReadOnlyDictionary<string, object> neighbour in neighbours)
        {
            Assert.IsTrue(space.Contains(neighbour));
            Assert.AreEqual(1, start.Count(pair => !neighbour[pair.Key].Equals(pair.Value)));
        }
        Assert.AreEqual(2 + 2 + 1, neighbours.Count(neighbour => neighbour["d"].Equals(start["d"]) && neighbour["e"].Equals(start["e"])));
        Assert.IsTrue(neighbours.Exists(neighbour => Math.Abs((long)neighbour["d"] - (long)start["d"]) <= 10 && !neighbour["d"].Equals(start["d"])), "near ones of a long range too");
        // A change of what others depend on brings them in at their defaults.
        ParameterSpace mixed = Mixed().Build();
        var none = new Dictionary<string, object> { ["rate"] = 1e-3, ["method"] = "none" };
        IReadOnlyDictionary<string, object> lora = mixed.Neighbours(none).First(neighbour => neighbour["method"] is "lora");
        Assert.AreEqual(8L, lora["rank"]);
    }

    [TestMethod]
    public void ConstraintsHoldEverywhere()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Integer("a", 1, 10).Integer("b", 1, 10)
            .Require("a at most b", p => (long)p["a"] <= (long)p["b"]).Build();
        var random = new Random(5);
        for (int i = 0; i < 100; i++)
        {
            IReadOnlyDictionary<string, object> point = space.Sample(random);
            Assert.IsTrue((long)point["a"] <= (long)point["b"]);
            Assert.IsTrue(space.Neighbours(point).All(space.Contains));
        }
        Assert.AreEqual(55, space.Grid(10).Count());
        Assert.IsFalse(space.Contains(new Dictionary<string, object> { ["a"] = 2L, ["b"] = 1L }));
        ParameterSpace empty = new ParameterSpaceBuilder().Boolean("a").Require("the impossible", _ => false).Build();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => empty.Sample(random)).Message, "the impossible");
    }

    [TestMethod]
    public void RulesOfAPartHoldInTheWhole()
    {
        ParameterSpace part = new ParameterSpaceBuilder()
            .Choice("method", "lora", "prefix")
            .Integer("rank", 1, 8).When("rank", "method", "lora")
            .Require("ranks are even", point => (string)point["method"] != "lora" || (long)point["rank"] % 2 == 0)
            .Build();
        ParameterSpace whole = new ParameterSpaceBuilder()
            .Boolean("on")
            .Choice("part.method", "lora", "prefix").When("part.method", "on", true)
            .Integer("part.rank", 1, 8)
            .AddRules(part, "part.")
            .Build();
        string[] expected = ["False", "True lora 2", "True lora 4", "True lora 6", "True lora 8", "True prefix"];
        CollectionAssert.AreEquivalent(expected, whole.Grid(8).Select(point => string.Join(' ', point.Values)).Distinct().ToArray());
    }

    [TestMethod]
    public void WholeNumbersAreDrawnEvenlyOnTheirScale()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Integer("linear", 0, 4).Integer("log", 1, 1023, logarithmic: true).Build();
        var random = new Random(7);
        int[] linear = new int[5];
        int below = 0;
        for (int i = 0; i < 5000; i++)
        {
            IReadOnlyDictionary<string, object> point = space.Sample(random);
            linear[(long)point["linear"]]++;
            below += (long)point["log"] < 32 ? 1 : 0;
        }
        Assert.IsTrue(linear.All(count => count is > 850 and < 1150));
        // The share below 31.5 on a logarithmic scale from 0.5 to 1023.5.
        Assert.AreEqual(Math.Log(31.5 / 0.5) / Math.Log(1023.5 / 0.5), below / 5000.0, 0.03);
    }

    [TestMethod]
    public void EncodingKeepsDistances()
    {
        ParameterSpace space = Mixed().Build();
        var encoding = new SpaceEncoding(space);
        // rate; three methods; rank and its flag; length and flag; gated and flag.
        Assert.AreEqual(1 + 3 + 2 + 2 + 2, encoding.Length);
        Assert.AreEqual(1 + 1 + 2 + 2 + 2, encoding.GroupCount);
        double[] lora = encoding.Encode(space.ToUnits(new Dictionary<string, object> { ["rate"] = 1e-3, ["method"] = "lora", ["rank"] = 64, ["gated"] = true }));
        double[] none = encoding.Encode(space.ToUnits(new Dictionary<string, object> { ["rate"] = 1e-2, ["method"] = "none" }));
        Assert.AreEqual(0.5, lora[0], 1e-12);
        Assert.AreEqual(1, none[0], 1e-12);
        Assert.AreEqual(1, Enumerable.Range(1, 3).Sum(i => Math.Pow(lora[i] - none[i], 2)), 1e-12, "two methods are at distance 1");
        Assert.AreEqual(1, lora[4], 1e-12, "rank 64");
        Assert.AreEqual((1, 0), (lora[5], none[5]));
        Assert.AreEqual(Math.Log(8) / Math.Log(64), none[4], 1e-12, "the default, where it does not count");
    }

    [TestMethod]
    public void MistakesAreNamed()
    {
        Message("'x' ranges from 1 to 0", () => new ParameterSpaceBuilder().Real("x", 1, 0));
        Message("'x' is logarithmic", () => new ParameterSpaceBuilder().Integer("x", 0, 9, logarithmic: true));
        Message("The default of 'x' is 12; expected a whole number from 0 to 9", () => new ParameterSpaceBuilder().Integer("x", 0, 9, initial: 12));
        Message("The values of 'x' are [a, a]", () => new ParameterSpaceBuilder().Choice("x", "a", "a"));
        Message("two parameters 'x'", () => new ParameterSpaceBuilder().Boolean("x").Boolean("x"));
        Message("'y' depends on 'z'; expected an earlier parameter: x", () => new ParameterSpaceBuilder().Boolean("x").Boolean("y").Boolean("z").When("y", "z", true).Build());
        Message("'y' depends on 'x' being 3; expected False, True", () => new ParameterSpaceBuilder().Boolean("x").Boolean("y").When("y", "x", 3).Build());
        Message("There is no parameter 'y'; there are x", () => new ParameterSpaceBuilder().Boolean("x").Remove("y"));
        Message("no parameters", () => new ParameterSpaceBuilder().Build());
        ParameterSpace space = Mixed().Build();
        Message("'rank' is missing", () => space.ToUnits(new Dictionary<string, object> { ["rate"] = 1e-3, ["method"] = "lora" }));
        Message("'rate' is 1; expected 0.0001 to 0.01", () => space.ToUnits(new Dictionary<string, object> { ["rate"] = 1.0, ["method"] = "none" }));

        static void Message(string expected, Action action) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(action).Message, expected);
    }
}
