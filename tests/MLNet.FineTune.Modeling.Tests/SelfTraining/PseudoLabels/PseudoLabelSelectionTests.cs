using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class PseudoLabelSelectionTests
{
    /// <summary>Class 0 with 0.9, 0.6, 0.8, 0.95; class 1 with 0.7, 0.55.</summary>
    private static readonly PseudoLabels Labels = new([0.9f, 0.1f, 0.3f, 0.7f, 0.6f, 0.4f, 0.8f, 0.2f, 0.45f, 0.55f, 0.95f, 0.05f], 2);

    [TestMethod]
    public void AllAreKeptByDefault()
    {
        (int[] rows, float[]? weights) = new PseudoLabelSelection().Select(Labels);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4, 5 }, rows);
        Assert.IsNull(weights);
    }

    [TestMethod]
    public void TheThresholdIsOnTheProbabilityOfThePredictedClass() =>
        CollectionAssert.AreEqual(new[] { 0, 1, 3, 5 }, new PseudoLabelSelection(Threshold: 0.7).Select(Labels).Rows);

    [TestMethod]
    public void TheEntropyLimitKeepsTheCertain()
    {
        // Binary entropy in bits: 0.469 of 0.9, 0.722 of 0.8, 0.881 of 0.7, 0.286 of 0.95.
        CollectionAssert.AreEqual(new[] { 0, 3, 5 }, new PseudoLabelSelection(MaxEntropy: 0.73).Select(Labels).Rows);
        CollectionAssert.AreEqual(new[] { 0, 5 }, new PseudoLabelSelection(MaxEntropy: 0.47).Select(Labels).Rows);
    }

    [TestMethod]
    public void PerClassTakesTheMostConfident() =>
        CollectionAssert.AreEqual(new[] { 0, 1, 5 }, new PseudoLabelSelection(Threshold: 0.6, PerClass: 2).Select(Labels).Rows);

    [TestMethod]
    public void UndersamplingGivesAllClassesTheFewest() =>
        CollectionAssert.AreEqual(new[] { 0, 1, 4, 5 }, new PseudoLabelSelection(Balance: PseudoLabelBalance.Undersample).Select(Labels).Rows);

    [TestMethod]
    public void WeightsMakeClassesCountTheSameAndAreOneInTheMean()
    {
        (int[] rows, float[]? weights) = new PseudoLabelSelection(Balance: PseudoLabelBalance.Weights).Select(Labels);
        double Sum(int label) => rows.Select((row, i) => Labels.Label(row) == label ? weights![i] : 0).Sum();
        Assert.AreEqual(Sum(0), Sum(1), 1e-5);
        Assert.AreEqual(6, weights!.Sum(), 1e-5);
    }

    [TestMethod]
    public void NothingMayBeKept() => Assert.HasCount(0, new PseudoLabelSelection(0.99, Balance: PseudoLabelBalance.Undersample).Select(Labels).Rows);
}
