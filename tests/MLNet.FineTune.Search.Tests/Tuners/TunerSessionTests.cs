namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class TunerSessionTests
{
    private static IEnumerable<object[]> Tuners =>
    [
        [new RandomTuner()],
        [new RandomTuner { QuasiRandom = true }],
        [new GridTuner { Levels = 3 }],
        [new NsgaTuner { PopulationSize = 4 }],
        [new TpeTuner { InitialPoints = 4 }],
        [new BayesianTuner { InitialPoints = 4, Samples = 16 }],
    ];

    private static ParameterSpace Mixed => new ParameterSpaceBuilder()
        .Real("x", 0, 1)
        .Choice("kind", "a", "b", "c")
        .Integer("size", 1, 100, logarithmic: true).When("size", "kind", "a", "b")
        .Boolean("on")
        .Require("no large c", p => p["kind"] is not "c" || (double)p["x"] < 0.8)
        .Build();

    private static double[] Objectives(IReadOnlyDictionary<string, object> p) =>
        [(double)p["x"] + (p["kind"] is "b" ? 0 : 0.3), (1 - (double)p["x"]) * 2 + (p.TryGetValue("size", out object? size) ? Math.Abs(Math.Log((long)size / 10.0)) : 1)];

    private static TunerTrial Measured(IReadOnlyDictionary<string, object> point) => TunerTrial.Completed(point, Objectives(point));

    [TestMethod]
    [DynamicData(nameof(Tuners))]
    public void PointsAreNewAllowedAndRepeatable(Tuner tuner)
    {
        ParameterSpace space = Mixed;
        string[] first = Run(), second = Run();
        CollectionAssert.AreEqual(first, second);
        Assert.AreEqual(first.Length, first.Distinct().Count());

        string[] Run()
        {
            TunerSession session = tuner.Start(space, seed: 3);
            var points = new List<string>();
            for (int i = 0; i < 5; i++)
            {
                // Two at a time, of which one fails or is pruned now and then.
                var batch = session.Propose(2);
                Assert.IsTrue(batch.All(space.Contains));
                points.AddRange(batch.Select(Text));
                session.Tell(batch.Select((point, k) => (k, i % 3) switch { (1, 0) => TunerTrial.Failed(point), (1, 1) => TunerTrial.Pruned(point, 2), _ => Measured(point) }));
            }
            return [.. points];
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tuners))]
    public void AStoredSearchGoesOnTheSameWay(Tuner tuner)
    {
        ParameterSpace space = Mixed;
        TunerSession whole = tuner.Start(space, seed: 5);
        var stored = new List<TunerTrial>();
        for (int i = 0; i < 7; i++)
        {
            TunerTrial trial = Measured(whole.Propose()[0]);
            whole.Tell(trial);
            stored.Add(trial);
        }
        TunerTrial running = TunerTrial.Running(whole.Propose()[0]);

        TunerSession resumed = tuner.Start(space, seed: 5);
        resumed.Tell([.. stored, running]);

        Assert.AreEqual(Text(whole.Propose()[0]), Text(resumed.Propose()[0]));
        TunerTrial late = Measured(running.Parameters);
        whole.Tell(late);
        resumed.Tell(late);
        Assert.AreEqual(Text(whole.Propose()[0]), Text(resumed.Propose()[0]));
        Assert.HasCount(whole.Front.Count, resumed.Front);
    }

    [TestMethod]
    [DynamicData(nameof(Tuners))]
    public void AUsedUpSpaceEndsTheSearch(Tuner tuner)
    {
        TunerSession session = tuner.Start(new ParameterSpaceBuilder().Integer("a", 0, 2).Choice("b", "x", "y").Build());
        var points = new List<IReadOnlyDictionary<string, object>>();
        for (int i = 0; i < 8; i++)
        {
            var batch = session.Propose();
            points.AddRange(batch);
            session.Tell(batch.Select(point => TunerTrial.Completed(point, (long)point["a"], -(long)point["a"])));
        }
        Assert.AreEqual(6, points.Select(Text).Distinct().Count());
        Assert.HasCount(6, points);
        Assert.IsEmpty(session.Propose(3));
        Assert.HasCount(6, session.Front);
    }

    [TestMethod]
    public void TheFrontOfEarlierSearchesIsTriedFirst()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Real("x", 0, 1).Choice("kind", "a", "b").Build();
        TunerTrial[] earlier =
        [
            Trial(0.25, "a", 1, 5), Trial(0.75, "b", 5, 1), Trial(0.625, "a", 2, 2), Trial(0.125, "b", 6, 6), Trial(0.5, "gone", 0, 0),
        ];
        TunerSession session = new BayesianTuner { InitialPoints = 8 }.Start(space, 1, earlier);
        string[] proposed = [.. session.Propose(5).Select(Text)];
        Assert.AreEqual(Text(space.Default), proposed[0]);
        CollectionAssert.AreEquivalent(new[] { 0, 1, 2 }.Select(i => Text(earlier[i].Parameters)).ToArray(), proposed[1..4]);
        Assert.IsFalse(proposed.Contains(Text(earlier[3].Parameters)), "what was beaten is not tried");

        static TunerTrial Trial(double x, string kind, params double[] objectives) =>
            TunerTrial.Completed(new Dictionary<string, object> { ["x"] = x, ["kind"] = kind }, objectives);
    }

    [TestMethod]
    public void WhatWasPrunedSaysNothingAgainstItsOtherObjectives()
    {
        // A loss that hangs on the rate alone, against a size. The small ones so far had bad rates and were stopped.
        ParameterSpace space = new ParameterSpaceBuilder().Real("size", 0, 1).Real("rate", 0, 1).Build();
        (double Size, double Rate)[] completed = [(0.5, 0.6), (0.6, 0.5), (0.7, 0.7), (0.8, 0.55), (0.9, 0.65), (1, 0.4)];
        (double Size, double Rate)[] stopped = [(0.05, 0.05), (0.1, 0.95), (0.2, 0.1), (0.3, 0.9), (0.4, 0.02)];
        Assert.IsTrue(Sizes((point, loss) => TunerTrial.Pruned(point, loss)).All(size => size < 0.3));
        Assert.IsFalse(Sizes((point, _) => TunerTrial.Failed(point)).All(size => size < 0.3), "failures do speak against it");

        double[] Sizes(Func<IReadOnlyDictionary<string, object>, double, TunerTrial> stop) =>
        [
            .. Enumerable.Range(0, 3).Select(seed =>
            {
                TunerSession session = new BayesianTuner { InitialPoints = 4, Samples = 64 }.Start(space, seed);
                session.Tell([.. completed.Select(trial => TunerTrial.Completed(Point(trial), Loss(trial), trial.Size)), .. stopped.Select(trial => stop(Point(trial), Loss(trial)))]);
                return (double)session.Propose()[0]["size"];
            }),
        ];

        static IReadOnlyDictionary<string, object> Point((double Size, double Rate) trial) => new Dictionary<string, object> { ["size"] = trial.Size, ["rate"] = trial.Rate };
        static double Loss((double Size, double Rate) trial) => (trial.Rate - 0.6) * (trial.Rate - 0.6);
    }

    [TestMethod]
    public void WhatIsKnownOfPrunedTrialsCounts()
    {
        // The loss is least where x is 0.6. Points of kind b, all stopped, cost five times as much.
        ParameterSpace space = new ParameterSpaceBuilder().Real("x", 0, 1).Choice("kind", "a", "b").Build();
        double[] completed = [0, 0.15, 0.3, 0.45, 0.8, 0.95], stopped = [0.05, 0.35, 0.5, 0.75, 0.9];
        string known = Kinds((point, loss) => TunerTrial.Pruned(point, loss, 5)), unknown = Kinds((point, loss) => TunerTrial.Pruned(point, loss)), cheap = Kinds((point, loss) => TunerTrial.Pruned(point, loss, 0.2));
        Assert.AreEqual("aaaa", known);
        Assert.Contains("b", unknown);
        Assert.AreEqual("bbbb", cheap);

        string Kinds(Func<IReadOnlyDictionary<string, object>, double, TunerTrial> stop) => string.Concat(Enumerable.Range(0, 4).Select(seed =>
        {
            TunerSession session = new BayesianTuner { InitialPoints = 4, Samples = 64 }.Start(space, seed);
            session.Tell([.. completed.Select(x => TunerTrial.Completed(Point(x, "a"), Loss(x), 1)), .. stopped.Select(x => stop(Point(x, "b"), Loss(x)))]);
            return session.Propose()[0]["kind"];
        }));

        static IReadOnlyDictionary<string, object> Point(double x, string kind) => new Dictionary<string, object> { ["x"] = x, ["kind"] = kind };
        static double Loss(double x) => (x - 0.6) * (x - 0.6);
    }

    [TestMethod]
    public void MistakesAreNamedAndNothingIsTakenOver()
    {
        TunerSession session = new RandomTuner().Start(new ParameterSpaceBuilder().Boolean("a").Build());
        var on = new Dictionary<string, object> { ["a"] = true };
        Message("expected one at least, all finite", TunerTrial.Completed(on, 1, double.NaN));
        Message("expected one at least, all finite", TunerTrial.Completed(on));
        Message("expected one at least, the first a finite number", TunerTrial.Pruned(on, double.NaN));
        Message("expected one at least, the first a finite number", TunerTrial.Pruned(on));
        Message("'a' is 3", TunerTrial.Completed(new Dictionary<string, object> { ["a"] = 3 }, 1));
        Assert.ThrowsExactly<ArgumentException>(() => session.Tell(TunerTrial.Completed(on, 1, 2), TunerTrial.Completed(on, 1)));
        Assert.IsEmpty(session.Front);
        session.Tell(TunerTrial.Completed(on, 1, 2));
        Message("A trial has 1 objectives; expected 2", TunerTrial.Completed(on, 1));
        Assert.HasCount(1, session.Front);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new BayesianTuner { Samples = 100 }.Start(Mixed)).Message, "BayesianTuner.Samples is 100; expected a power of 2");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new BayesianTuner { TpeInterval = 1 }.Start(Mixed)).Message, "BayesianTuner.TpeInterval is 1; expected 0 or at least 2");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new NsgaTuner { PopulationSize = 1 }.Start(Mixed)).Message, "NsgaTuner.PopulationSize is 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new TpeTuner { GoodShare = 1 }.Start(Mixed)).Message, "TpeTuner.GoodShare is 1");

        void Message(string expected, TunerTrial trial) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => session.Tell(trial)).Message, expected);
    }

    [TestMethod]
    public void TheGridIsWhole()
    {
        ParameterSpace space = new ParameterSpaceBuilder().Real("x", 0, 1).Choice("kind", "a", "b", "c").Build();
        TunerSession session = new GridTuner { Levels = 2 }.Start(space);
        CollectionAssert.AreEqual(space.Grid(2).Select(Text).ToArray(), session.Propose(100).Select(Text).ToArray());
    }

    [TestMethod]
    public void LearningTunersBeatChance()
    {
        double random = Mean(new RandomTuner());
        Assert.IsGreaterThan(random, Mean(new NsgaTuner { PopulationSize = 10 }));
        Assert.IsGreaterThan(random, Mean(new TpeTuner()));

        // The mean over seeds of the hypervolume of a function of four parameters.
        static double Mean(Tuner tuner) => Enumerable.Range(0, 5).Average(seed => Volume(tuner, 60, seed));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheBayesianTunerFindsTheFront(bool copula) =>
        Assert.IsGreaterThan(Volume(new RandomTuner(), 60, 1), Volume(new BayesianTuner { InitialPoints = 6, Samples = 32, GaussianCopula = copula }, 16, 1));

    [TestMethod]
    public void EveryFourthPointIsOfTpe()
    {
        TunerSession random = new RandomTuner().Start(Mixed, seed: 3);
        TunerTrial[] trials = [.. random.Propose(13).Select(Measured)];
        Assert.AreEqual(Proposed(new TpeTuner(), 12), Proposed(new BayesianTuner { Samples = 16 }, 12));
        Assert.AreNotEqual(Proposed(new TpeTuner(), 13), Proposed(new BayesianTuner { Samples = 16 }, 13));
        Assert.AreNotEqual(Proposed(new TpeTuner(), 12), Proposed(new BayesianTuner { Samples = 16, TpeInterval = 0 }, 12));

        string Proposed(Tuner tuner, int told)
        {
            TunerSession session = tuner.Start(Mixed, seed: 5);
            session.Tell(trials[..told]);
            return Text(session.Propose()[0]);
        }
    }

    [TestMethod]
    public void OneObjectiveIsMinimised()
    {
        TunerSession session = new BayesianTuner { InitialPoints = 5, Samples = 32 }.Start(new ParameterSpaceBuilder().Real("a", 0, 1).Boolean("b").Build(), seed: 2);
        for (int i = 0; i < 14; i++)
        {
            IReadOnlyDictionary<string, object> p = session.Propose()[0];
            session.Tell(TunerTrial.Completed(p, Math.Pow((double)p["a"] - 0.37, 2) + (p["b"] is true ? 0 : 0.5)));
        }
        IReadOnlyDictionary<string, object> best = session.Front.Single().Parameters;
        Assert.AreEqual(0.37, (double)best["a"], 0.02);
        Assert.IsTrue((bool)best["b"]);
    }

    [TestMethod]
    public void ObjectivesThatNeverChangeAreNoObstacle()
    {
        TunerSession session = new BayesianTuner { InitialPoints = 3, Samples = 16 }.Start(Mixed, seed: 2);
        for (int i = 0; i < 6; i++)
        {
            IReadOnlyDictionary<string, object> p = session.Propose()[0];
            session.Tell(TunerTrial.Completed(p, 1, 7e9));
        }
        Assert.HasCount(6, session.Front);
    }

    private static double Volume(Tuner tuner, int evaluations, int seed)
    {
        TunerSession session = tuner.Start(new ParameterSpaceBuilder().Real("a", 0, 1).Real("b", 0, 1).Integer("c", 0, 20).Real("d", 0, 1).Build(), seed);
        for (int i = 0; i < evaluations; i++)
        {
            IReadOnlyDictionary<string, object> p = session.Propose()[0];
            double a = (double)p["a"], g = 1 + 2 * (Math.Pow((double)p["b"] - 0.3, 2) + Math.Pow((long)p["c"] / 20.0 - 0.9, 2) + Math.Pow((double)p["d"] - 0.7, 2));
            session.Tell(TunerTrial.Completed(p, a, g * (2 - Math.Sqrt(a))));
        }
        return Hypervolume.Of([.. session.Front.Select(trial => trial.Objectives.ToArray())], [1.1, 3]);
    }

    private static string Text(IReadOnlyDictionary<string, object> point) => string.Join(", ", point.Select(pair => FormattableString.Invariant($"{pair.Key}={pair.Value}")));
}
