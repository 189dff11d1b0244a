namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
public sealed class PrunedOutlookTests
{
    private static readonly SearchObjective[] Objectives = [new("accuracy", ObjectiveDirection.Maximize), new("parameters", ObjectiveDirection.Minimize), new("seconds", ObjectiveDirection.Minimize)];

    [TestMethod]
    public void APrunedTrialIsGivenWhatOthersGainedFromThere()
    {
        TrialRecord[] trials =
        [
            Completed(0, 0.9, (1, 0.5), (3, 0.8)),
            Completed(1, 0.7, (1, 0.5), (2, 0.6), (4, 0.65)),
            Pruned(2, (1, 0.4)),
            Pruned(3, (1, 0.4), (3, 0.5)),
        ];
        var outlook = new PrunedOutlook(trials, Objectives);
        // Gained from step 1: 0.4 and 0.2; from step 3 on: 0.1 and 0.05.
        CollectionAssert.AreEqual((double[])[-0.7, 12, double.NaN], Rounded(outlook.Costs(trials[2])!));
        CollectionAssert.AreEqual((double[])[-0.575, 12, double.NaN], Rounded(outlook.Costs(trials[3])!));
    }

    [TestMethod]
    public void WithoutCompletedTrialsTheLastValueStands()
    {
        TrialRecord alone = Pruned(0, (1, 0.4)), mute = Pruned(1), diverged = Pruned(2, (1, double.NaN));
        var outlook = new PrunedOutlook([alone, mute, diverged], Objectives);
        CollectionAssert.AreEqual((double[])[-0.4, 12, double.NaN], outlook.Costs(alone));
        Assert.IsNull(outlook.Costs(mute));
        Assert.IsNull(outlook.Costs(diverged));
    }

    private static double[] Rounded(double[] costs) => [.. costs.Select(cost => Math.Round(cost, 12))];

    private static TrialRecord Completed(int number, double accuracy, params (int Step, double Value)[] reports) => Trial(number, TrialState.Completed, reports) with { Values = [accuracy, 7, 1] };

    private static TrialRecord Pruned(int number, params (int Step, double Value)[] reports) =>
        Trial(number, TrialState.Pruned, reports) with { Attributes = new Dictionary<string, object> { ["parameters"] = 12L, ["seconds"] = "unknown" } };

    private static TrialRecord Trial(int number, TrialState state, (int Step, double Value)[] reports) => new()
    {
        Number = number, State = state, Parameters = new Dictionary<string, object>(), Reports = [.. reports.Select(report => new TrialReport(report.Step, report.Value))],
    };
}
