using MLNet.FineTune.ActiveLearning;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.Tests.ActiveLearning;

[TestClass]
public sealed class AcquisitionTests
{
    [TestMethod]
    public void MutualInformationIsOneForPassesThatContradictEachOther()
    {
        var first = new PseudoLabels([1, 0, 0.5f, 0.5f, 0.9f, 0.1f], 2);
        var second = new PseudoLabels([0, 1, 0.5f, 0.5f, 0.7f, 0.3f], 2);
        double[] information = MutualInformation.Of([first, second]);
        Assert.AreEqual(1, information[0], 1e-6);
        Assert.AreEqual(0, information[1], 1e-6);
        double H(double p) => -(p * Math.Log2(p) + (1 - p) * Math.Log2(1 - p));
        Assert.AreEqual(H(0.8) - (H(0.9) + H(0.7)) / 2, information[2], 1e-6);
    }

    [TestMethod]
    public void TheCoreSetBeginsInTheMiddleAndGoesToTheFarthest()
    {
        float[] line = [0, 1, 5, 6, 10];
        (int Row, double Distance)[] chosen = CoreSet.Select(line, 1, [], 3);
        // The mean is 4.4; 10 is 5 from 5, as is 0: the first of them.
        CollectionAssert.AreEqual(new[] { (2, 0.0), (0, 5.0), (4, 5.0) }, chosen);
    }

    [TestMethod]
    public void TheCoreSetKeepsAwayFromWhatIsLabelled() =>
        CollectionAssert.AreEqual(new[] { (4, 10.0), (2, 5.0) }, CoreSet.Select([0, 1, 5, 6, 10], 1, [0], 2));

    [TestMethod]
    public void TheCoreSetNeverChoosesATextTwice()
    {
        (int Row, double Distance)[] chosen = CoreSet.Select([1, 1, 1, 2], 1, [], 4);
        Assert.HasCount(4, chosen.Select(pair => pair.Row).Distinct().ToArray());
    }

    /// <summary>The greedy radius is at most twice that of the best centres, by brute force over all pairs.</summary>
    [TestMethod]
    public void TheCoreSetCoversAtMostTwiceAsWidelyAsTheBest()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 20; trial++)
        {
            float[] points = [.. Enumerable.Range(0, 24).Select(_ => random.NextSingle())];
            double Distance(int a, int b) => Math.Sqrt(Math.Pow(points[2 * a] - points[2 * b], 2) + Math.Pow(points[2 * a + 1] - points[2 * b + 1], 2));
            double Radius(int a, int b) => Enumerable.Range(0, 12).Max(row => Math.Min(Distance(row, a), Distance(row, b)));
            double best = (from a in Enumerable.Range(0, 12) from b in Enumerable.Range(0, 12) select Radius(a, b)).Min();
            (int Row, double _)[] chosen = CoreSet.Select(points, 2, [], 2);
            Assert.IsLessThanOrEqualTo(2 * best + 1e-6, Radius(chosen[0].Row, chosen[1].Row));
        }
    }

    [TestMethod]
    public void ContrastiveScoresAreMeanDivergencesToNeighbours()
    {
        // The two labelled texts nearest to the one at 0 lie at 1 and -2; the one at 9 is none.
        var labels = new PseudoLabels([0.5f, 0.5f], 2);
        var labeled = new PseudoLabels([0.9f, 0.1f, 0.2f, 0.8f, 0.5f, 0.5f], 2);
        double[] scores = ContrastiveAcquisition.Score([0], labels, [1, 9, -2], labeled, 1, neighbors: 2);
        double expected = (0.9 * Math.Log(0.9 / 0.5) + 0.1 * Math.Log(0.1 / 0.5) + 0) / 2;
        Assert.AreEqual(expected, scores[0], 1e-6);
    }

    [TestMethod]
    public void MoreNeighboursThanLabelledTextsAreAllOfThem() =>
        Assert.AreEqual(0, ContrastiveAcquisition.Score([0], new PseudoLabels([0.5f, 0.5f], 2), [1], new PseudoLabels([0.5f, 0.5f], 2), 1, neighbors: 10)[0], 1e-9);
}
