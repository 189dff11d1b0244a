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

    private static TrialRecord Trial(int number, params double[] values) =>
        new() { Number = number, State = TrialState.Completed, Parameters = new Dictionary<string, object>(), Values = values };
}
