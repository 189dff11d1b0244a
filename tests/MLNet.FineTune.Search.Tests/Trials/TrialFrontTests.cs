namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
public sealed class TrialFrontTests
{
    private static readonly SearchObjective[] Objectives = [new("accuracy", ObjectiveDirection.Maximize), new("parameters", ObjectiveDirection.Minimize)];

    [TestMethod]
    public void Numbers_EqualTrials_KeepsTheEarliest()
    {
        TrialRecord[] trials =
        [
            Trial(4, 0.9, 10), Trial(1, 0.9, 10), Trial(2, 0.95, 20), Trial(3, 0.9, 20), Trial(5, 0.95, 20),
            Trial(0, 0.9, 10) with { State = TrialState.Failed },
        ];

        CollectionAssert.AreEquivalent((int[])[1, 2], TrialFront.Numbers(trials, Objectives).ToArray());
        CollectionAssert.AreEqual((int[])[2, 1], TrialFront.Of(trials, Objectives).Select(trial => trial.Number).ToArray());
    }

    [TestMethod]
    public void Numbers_BeyondALimit_AreLeftOut()
    {
        TrialRecord[] trials = [Trial(0, 0.9, 10), Trial(1, 0.95, 20), Trial(2, 0.99, 21), Trial(3, 0.5, 5)];
        SearchObjective[] limited = [Objectives[0] with { Limit = 0.9 }, Objectives[1] with { Limit = 20 }];

        CollectionAssert.AreEquivalent((int[])[0, 1], TrialFront.Numbers(trials, limited).ToArray());
        Assert.AreEqual(1, TrialFront.Best(trials, limited)!.Number);
        Assert.IsNull(TrialFront.Best(trials[2..], limited));
    }

    private static TrialRecord Trial(int number, params double[] values) =>
        new() { Number = number, State = TrialState.Completed, Parameters = new Dictionary<string, object>(), Values = values };
}
