using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.AutoML.Tests.Fixtures;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML.Tests.Tuners;

[TestClass]
public sealed class FineTuneTunerTests
{
    private static AutoMLSpace Space => new()
    {
        ["x"] = new UniformDoubleOption(-1, 1, false, 0.9),
        ["nested"] = new AutoMLSpace { ["n"] = new UniformIntOption(1, 64, true, 8), ["kind"] = new ChoiceOption(["a", "b", "c"], "b") },
    };

    public static IEnumerable<object[]> Tuners => [[new BayesianTuner { InitialPoints = 5, Samples = 32 }], [new TpeTuner()], [new NsgaTuner()], [new RandomTuner()], [new GridTuner()]];

    [TestMethod]
    [DynamicData(nameof(Tuners))]
    public void BeginsWithTheDefaultAndGoesOnAsTheTunerDoes(Tuner tuner)
    {
        List<Parameter> proposed = Loop.Run(new FineTuneTuner(Space, tuner, seed: 5), 12, Loss);
        Assert.AreEqual(8, proposed[0]["nested"]["n"].AsType<int>());
        Assert.AreEqual("b", proposed[0]["nested"]["kind"].AsType<string>());
        Assert.AreEqual(0.9, proposed[0]["x"].AsType<double>());

        // The same search by the session itself.
        var mapped = new MappedSpace(Space);
        TunerSession session = tuner.Start(mapped.Space, 5);
        IReadOnlyDictionary<string, object> point = mapped.Space.Default;
        for (int i = 0; i < 12; i++)
        {
            Parameter expected = mapped.Write(point);
            Assert.AreEqual(expected, proposed[i], $"trial {i}");
            session.Tell(TunerTrial.Completed(point, Loss(expected)));
            point = session.Propose()[0];
        }
    }

    [TestMethod]
    public void FindsALowLoss()
    {
        var tuner = new FineTuneTuner(Space, new BayesianTuner { InitialPoints = 8 }, seed: 1);
        Loop.Run(tuner, 24, Loss);
        Assert.HasCount(1, tuner.Front, "the best");
        Assert.IsLessThan(0.15, tuner.Front[0].Objectives[0]);
        Assert.IsLessThan(Loss(new MappedSpace(Space).Write(new MappedSpace(Space).Space.Default)), tuner.Front[0].Objectives[0]);
        Assert.AreEqual("c", tuner.Front[0].Parameters["nested.kind"]);
    }

    [TestMethod]
    public void LossesThatAreNoneCountAsFailed()
    {
        double[] losses = [double.NaN, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, 2, 1];
        int i = 0;
        var tuner = new FineTuneTuner(Space, new TpeTuner());
        Loop.Run(tuner, losses.Length, _ => losses[i++]);
        Assert.HasCount(1, tuner.Front);
        Assert.AreEqual(1, tuner.Front[0].Objectives[0]);
    }

    [TestMethod]
    public void TrialsThatAutoMLReportsNothingOfCountAsFailed()
    {
        var tuner = new FineTuneTuner(new AutoMLSpace { ["n"] = new UniformIntOption(1, 5) }, new GridTuner());
        int trial = 0;
        List<Parameter> proposed = Loop.Run(tuner, 5, parameter => trial++ % 2 == 0 ? null : new TrialResult { Loss = parameter["n"].AsType<int>() });
        CollectionAssert.AreEquivalent(new[] { 1, 2, 3, 4, 5 }, proposed.Select(parameter => parameter["n"].AsType<int>()).ToArray(), "none is tried again");
        Assert.AreEqual(2L, tuner.Front.Single().Parameters["n"]);
    }

    [TestMethod]
    public void GoesOnWhereTheGridIsUsedUp()
    {
        var tuner = new FineTuneTuner(new AutoMLSpace { ["n"] = new UniformIntOption(1, 3) }, new GridTuner());
        int[] proposed = [.. Loop.Run(tuner, 20, parameter => (double)parameter["n"].AsType<int>()).Select(parameter => parameter["n"].AsType<int>())];
        CollectionAssert.AreEquivalent(new[] { 1, 2, 3 }, proposed[..3]);
        Assert.IsTrue(proposed.All(n => n is >= 1 and <= 3));
        Assert.IsGreaterThan(1, proposed[3..].Distinct().Count());
    }

    [TestMethod]
    public void FrontOfTwoObjectives()
    {
        var tuner = new FineTuneTuner(Space, new NsgaTuner(), seed: 2, countParameters: true);
        var measured = new List<(double Loss, long Count)>();
        Loop.Run(tuner, 30, parameter =>
        {
            var result = new PeftTrialResult { Loss = Loss(parameter), TrainableParameters = 100 * parameter["nested"]["n"].AsType<int>() };
            measured.Add((result.Loss, result.TrainableParameters));
            return result;
        });
        var expected = measured.Where(a => !measured.Any(b => b.Loss <= a.Loss && b.Count <= a.Count && b != a)).Distinct().OrderBy(a => a).ToArray();
        CollectionAssert.AreEqual(expected, tuner.Front.Select(trial => (trial.Objectives[0], (long)trial.Objectives[1])).Distinct().OrderBy(a => a).ToArray());
        Assert.IsGreaterThan(1, expected.Length);

        var error = Assert.ThrowsExactly<ArgumentException>(() => Loop.Run(new FineTuneTuner(Space, new RandomTuner(), countParameters: true), 1, _ => 1.0));
        StringAssert.Contains(error.Message, nameof(PeftTrialResult));
    }

    [TestMethod]
    public void TakesTrialsThatItDidNotPropose()
    {
        var tuner = new FineTuneTuner(Space, new TpeTuner());
        var mapped = new MappedSpace(Space);
        Parameter other = mapped.Write(mapped.Space.Sample(new Random(9)));
        tuner.Update(new TrialResult { TrialSettings = new TrialSettings { TrialId = 77, Parameter = other }, Loss = -3 });
        Assert.AreEqual(other["nested"]["kind"].AsType<string>(), tuner.Front.Single().Parameters["nested.kind"]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => tuner.Update(new TrialResult { TrialSettings = new TrialSettings { TrialId = 78, Parameter = Parameter.CreateNestedParameter() }, Loss = 1 }));
        StringAssert.Contains(error.Message, "missing");
    }

    [TestMethod]
    public void BadOptionsAreNamed() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new FineTuneTuner(Space, new BayesianTuner { Samples = 3 })).Message, "Samples");

    /// <summary>Lowest, 0, at x = 0.2, n = 16, kind = c.</summary>
    private static double Loss(Parameter parameter)
    {
        double x = parameter["x"].AsType<double>() - 0.2, n = Math.Log2(parameter["nested"]["n"].AsType<int>() / 16.0) / 6;
        return x * x + n * n + (parameter["nested"]["kind"].AsType<string>() == "c" ? 0 : 0.3);
    }
}
