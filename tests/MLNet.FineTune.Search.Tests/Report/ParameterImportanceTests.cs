namespace MLNet.FineTune.Search.Tests.Report;

[TestClass]
public sealed class ParameterImportanceTests
{
    [TestMethod]
    public void Of_AdditiveObjective_FindsWhatDecides()
    {
        var random = new Random(4);
        TrialRecord[] trials = [.. Enumerable.Range(0, 400).Select(number =>
        {
            double strong = random.NextDouble(), weak = random.NextDouble();
            string choice = random.Next(2) == 0 ? "a" : "b";
            return Trial(number, strong + 0.3 * weak + (choice == "a" ? 0.3 : 0), ("strong", strong), ("weak", weak), ("choice", choice), ("idle", random.NextInt64(1000)), ("constant", 1L));
        })];

        Dictionary<string, double> shares = ParameterImportance.Of(trials, ["strong", "weak", "choice", "idle", "constant"], 0).ToDictionary();

        // Variances: 1/12, 0.09/12 and 0.09/4 of a sum of 0.11333, and little is lost to bins and ranks.
        Assert.AreEqual(0.735, shares["strong"], 0.08);
        Assert.AreEqual(0.066, shares["weak"], 0.06);
        Assert.AreEqual(0.199, shares["choice"], 0.08);
        Assert.AreEqual(0, shares["idle"], 0.03);
        Assert.AreEqual(0, shares["constant"]);
    }

    [TestMethod]
    public void Of_TwoGroupsByHand()
    {
        // Ranks 1, 2 and 3, 4: total 5, between 4, within 1 over 2 degrees of freedom; ε² = (4 - 0.5) / 5.
        TrialRecord[] trials = [Trial(0, 10, ("x", "a")), Trial(1, 20, ("x", "a")), Trial(2, 30, ("x", "b")), Trial(3, 9000, ("x", "b"))];

        Assert.AreEqual(0.7, ParameterImportance.Of(trials, ["x"], 0).Single().Share, 1e-12);
    }

    [TestMethod]
    public void Of_ParameterThatOnlySomeHave_CountsItsAbsence()
    {
        TrialRecord[] trials = [.. Enumerable.Range(0, 20).Select(number => number % 2 == 0 ? Trial(number, number) : Trial(number, 100 + number, ("depth", 3L)))];

        Assert.IsGreaterThan(0.7, ParameterImportance.Of(trials, ["depth"], 0).Single().Share);
    }

    [TestMethod]
    public void Of_NothingToTellFrom_IsNothing()
    {
        Assert.AreEqual(0, ParameterImportance.Of([], ["x"], 0).Single().Share);
        Assert.AreEqual(0, ParameterImportance.Of([Trial(0, 1, ("x", 1.0))], ["x"], 0).Single().Share);
        Assert.AreEqual(0, ParameterImportance.Of([Trial(0, 1, ("x", "a")), Trial(1, 1, ("x", "a")), Trial(2, 1, ("x", "b"))], ["x"], 0).Single().Share);
    }

    private static TrialRecord Trial(int number, double value, params (string Name, object Value)[] parameters) => new()
    {
        Number = number,
        State = TrialState.Completed,
        Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value),
        Values = [value],
    };
}
