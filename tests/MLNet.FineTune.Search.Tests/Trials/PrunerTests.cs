using MathNet.Numerics.Statistics;

namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
public sealed class PrunerTests
{
    private static readonly SearchObjective[] Minimize = [new("error", ObjectiveDirection.Minimize)], Maximize = [new("accuracy", ObjectiveDirection.Maximize)];

    [TestMethod]
    public void SuccessiveHalving_RungOfNine_KeepsTheBestThree()
    {
        // Errors at step 1: of nine trials 1/3 goes on.
        double[] errors = [0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6];
        TrialRecord[] trials = [.. errors.Select((error, number) => Trial(number, TrialState.Running, (1, error)))];
        var pruner = new SuccessiveHalvingPruner { StartupTrials = 0 };

        int[] kept = [.. trials.Where(trial => !pruner.ShouldPrune(trial, trials, Minimize)).Select(trial => trial.Number)];
        int[] keptOfAccuracies = [.. trials.Where(trial => !pruner.ShouldPrune(trial, trials, Maximize)).Select(trial => trial.Number)];

        CollectionAssert.AreEqual(new[] { 1, 3, 5 }, kept);
        CollectionAssert.AreEqual(new[] { 2, 4, 6 }, keptOfAccuracies);
    }

    [TestMethod]
    public void SuccessiveHalving_DecidesOnlyAtRungs()
    {
        // Rungs at 2, 6, 18.
        var pruner = new SuccessiveHalvingPruner { StartupTrials = 0, MinResource = 2 };
        TrialRecord good = Trial(0, TrialState.Completed, (2, 0.1), (6, 0.1));
        bool Prunes(params (int, double)[] reports)
        {
            TrialRecord bad = Trial(1, TrialState.Running, reports);
            return pruner.ShouldPrune(bad, [good, bad], Minimize);
        }

        Assert.IsFalse(Prunes((1, 9)));
        Assert.IsTrue(Prunes((1, 0), (2, 9)));
        Assert.IsFalse(Prunes((2, 0), (5, 9)), "between the rungs nothing is decided");
        Assert.IsTrue(Prunes((2, 0), (7, 9)), "the first report at or after the rung counts");
        Assert.IsTrue(Prunes((20, 9)), "all rungs passed at once count");
        Assert.IsFalse(Prunes((2, 0), (6, 0), (18, 9)), "alone on the highest rung");
        Assert.IsTrue(Prunes((2, double.NaN)));
    }

    [TestMethod]
    public void SuccessiveHalving_EarlyStoppingRate_LeavesRungsOut()
    {
        var pruner = new SuccessiveHalvingPruner { StartupTrials = 0, EarlyStoppingRate = 1 };
        TrialRecord good = Trial(0, TrialState.Completed, (1, 0), (3, 0)), bad = Trial(1, TrialState.Running, (1, 9)), later = Trial(1, TrialState.Running, (1, 0), (3, 9));

        Assert.IsFalse(pruner.ShouldPrune(bad, [good, bad], Minimize));
        Assert.IsTrue(pruner.ShouldPrune(later, [good, later], Minimize));
    }

    [TestMethod]
    public void SuccessiveHalving_MaxResource_SparesTrialsAtTheirEnd()
    {
        TrialRecord good = Trial(0, TrialState.Completed, (1, 0), (3, 0), (9, 0)), bad = Trial(1, TrialState.Running, (1, 0), (3, 0), (9, 9));

        Assert.IsTrue(new SuccessiveHalvingPruner { StartupTrials = 0 }.ShouldPrune(bad, [good, bad], Minimize));
        Assert.IsFalse(new SuccessiveHalvingPruner { StartupTrials = 0, MaxResource = 9 }.ShouldPrune(bad, [good, bad], Minimize));
        Assert.IsTrue(new SuccessiveHalvingPruner { StartupTrials = 0, MaxResource = 10 }.ShouldPrune(bad, [good, bad], Minimize));
    }

    [TestMethod]
    public void SuccessiveHalving_StartupTrials_GoOnWhateverTheyCameTo()
    {
        TrialRecord[] trials = [.. Enumerable.Range(0, 10).Select(number => Trial(number, TrialState.Running, (1, number)))];
        var pruner = new SuccessiveHalvingPruner();

        // Each is worse than those before.
        Assert.IsTrue(Enumerable.Range(1, 8).All(count => !pruner.ShouldPrune(trials[count - 1], trials[..count], Minimize)));
        Assert.IsTrue(pruner.ShouldPrune(trials[8], trials[..9], Minimize));
        Assert.IsFalse(new SuccessiveHalvingPruner { StartupTrials = 9 }.ShouldPrune(trials[8], trials[..9], Minimize));
    }

    [TestMethod]
    public void SuccessiveHalving_OneAfterTheOther_LeavesAboutAThirdOnEachRung()
    {
        var random = new Random(5);
        List<TrialRecord> trials = [];
        var pruner = new SuccessiveHalvingPruner { StartupTrials = 0 };
        for (int number = 0; number < 900; number++)
        {
            double error = random.NextDouble();
            List<(int, double)> reports = [];
            for (int step = 1; step <= 9; step++)
            {
                reports.Add((step, error));
                TrialRecord trial = Trial(number, TrialState.Running, [.. reports]);
                if (pruner.ShouldPrune(trial, [.. trials, trial], Minimize))
                    break;
            }
            trials.Add(Trial(number, TrialState.Completed, [.. reports]));
        }

        int atThree = trials.Count(trial => trial.Reports.Count >= 3), atNine = trials.Count(trial => trial.Reports.Count >= 9);
        // What arrives is compared with what arrived before it: a third of it goes on, plus a logarithmic number of early ones.
        Assert.AreEqual(300, atThree, 40);
        Assert.AreEqual(100, atNine, 30);
    }

    [TestMethod]
    public void SuccessiveHalving_ByAllObjectives_LeavesTheCheapEndOfTheFront()
    {
        SearchObjective[] objectives = [new("accuracy", ObjectiveDirection.Maximize), new("parameters", ObjectiveDirection.Minimize)];
        // The three on the front; the rest are worse than one of these in both.
        (double Accuracy, long Parameters)[] points = [(0.9, 1000), (0.6, 100), (0.3, 10), (0.85, 2000), (0.8, 3000), (0.7, 1500), (0.5, 500), (0.2, 50), (0.25, 20)];
        TrialRecord[] trials = [.. points.Select((point, number) => Trial(number, number == 3 ? TrialState.Completed : TrialState.Running, (1, point.Accuracy)) with
        {
            Values = number == 3 ? [point.Accuracy, point.Parameters] : [],
            Attributes = number == 3 ? new Dictionary<string, object>() : new Dictionary<string, object> { ["parameters"] = number % 2 == 0 ? point.Parameters : (double)point.Parameters },
        })];

        CollectionAssert.AreEqual((int[])[0, 1, 2], Kept(new SuccessiveHalvingPruner { StartupTrials = 0 }));
        CollectionAssert.AreEqual((int[])[0, 3, 4], Kept(new SuccessiveHalvingPruner { StartupTrials = 0, MultiObjective = false }));
        trials = [.. trials.Select(trial => trial with { Attributes = new Dictionary<string, object>() })];
        CollectionAssert.AreEqual((int[])[0, 4], Kept(new SuccessiveHalvingPruner { StartupTrials = 0 })[..2], "none but the first objective is known of those that run");

        int[] Kept(SuccessiveHalvingPruner pruner) => [.. trials.Where(trial => trial.Number != 3 || !pruner.MultiObjective)
            .Where(trial => !pruner.ShouldPrune(trial, trials, objectives)).Select(trial => trial.Number)];
    }

    [TestMethod]
    public void SuccessiveHalving_AmongTheFront_KeepsWhatLiesFarApart()
    {
        SearchObjective[] objectives = [new("error", ObjectiveDirection.Minimize), new("parameters", ObjectiveDirection.Minimize)];
        // All six are on the front, of which two go on: the most accurate one and the one farthest from it.
        TrialRecord[] trials = [.. Enumerable.Range(0, 6).Select(number => Trial(number, TrialState.Running, (1, 0.1 * number)) with { Attributes = new Dictionary<string, object> { ["parameters"] = (long)Math.Pow(10, 6 - number) } })];
        CollectionAssert.AreEqual((int[])[0, 5], trials.Where(trial => !new SuccessiveHalvingPruner { StartupTrials = 0 }.ShouldPrune(trial, trials, objectives)).Select(trial => trial.Number).ToArray());
    }

    [TestMethod]
    public void Median_IsTheRuleByHand()
    {
        var pruner = new MedianPruner { StartupTrials = 3 };
        TrialRecord[] completed =
        [
            Trial(0, TrialState.Completed, (1, 0.2), (2, 0.4)),
            Trial(1, TrialState.Completed, (1, 0.4), (2, 0.6)),
            Trial(2, TrialState.Completed, (1, 0.6), (2, 0.8)),
            Trial(3, TrialState.Failed, (1, 0.99), (2, 0.99)),
        ];
        // Means up to step 2: 0.3, 0.5, 0.7; their median is 0.5.
        Assert.AreEqual(0.5, new[] { 0.3, 0.5, 0.7 }.Median());
        bool Prunes(ObjectiveDirection direction, params (int, double)[] reports)
        {
            TrialRecord trial = Trial(4, TrialState.Running, reports);
            return pruner.ShouldPrune(trial, [.. completed, trial], [new("value", direction)]);
        }

        Assert.IsTrue(Prunes(ObjectiveDirection.Maximize, (1, 0.1), (2, 0.49)));
        Assert.IsFalse(Prunes(ObjectiveDirection.Maximize, (1, 0.1), (2, 0.51)));
        Assert.IsFalse(Prunes(ObjectiveDirection.Maximize, (1, 0.51), (2, 0.1)), "its best so far counts");
        Assert.IsTrue(Prunes(ObjectiveDirection.Minimize, (2, 0.51)));
        Assert.IsFalse(Prunes(ObjectiveDirection.Minimize, (2, 0.49)));
        Assert.IsTrue(Prunes(ObjectiveDirection.Maximize, (1, 0.9), (2, double.NaN)));
    }

    [TestMethod]
    public void Median_StartupAndWarmup_LeaveTrialsAlone()
    {
        TrialRecord[] completed = [.. Enumerable.Range(0, 4).Select(number => Trial(number, TrialState.Completed, (1, 0.5)))];
        TrialRecord trial = Trial(4, TrialState.Running, (1, 0.1));

        Assert.IsFalse(new MedianPruner().ShouldPrune(trial, [.. completed, trial], Maximize));
        Assert.IsTrue(new MedianPruner { StartupTrials = 4 }.ShouldPrune(trial, [.. completed, trial], Maximize));
        Assert.IsFalse(new MedianPruner { StartupTrials = 4, WarmupSteps = 2 }.ShouldPrune(trial, [.. completed, trial], Maximize));
    }

    [TestMethod]
    public void Options_OutOfRange_AreNamed()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new SuccessiveHalvingPruner { ReductionFactor = 1 }.Validate).Message, "ReductionFactor is 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new SuccessiveHalvingPruner { StartupTrials = -1 }.Validate).Message, "StartupTrials is -1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new SuccessiveHalvingPruner { MinResource = 0 }.Validate).Message, "MinResource is 0");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new SuccessiveHalvingPruner { EarlyStoppingRate = -1 }.Validate).Message, "EarlyStoppingRate is -1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new SuccessiveHalvingPruner { MaxResource = 1 }.Validate).Message, "MaxResource is 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new MedianPruner { StartupTrials = 0 }.Validate).Message, "StartupTrials is 0");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new MedianPruner { WarmupSteps = -1 }.Validate).Message, "WarmupSteps is -1");
    }

    private static TrialRecord Trial(int number, TrialState state, params (int Step, double Value)[] reports) => new()
    {
        Number = number,
        State = state,
        Parameters = new Dictionary<string, object>(),
        Reports = [.. reports.Select(report => new TrialReport(report.Step, report.Value))],
    };
}
