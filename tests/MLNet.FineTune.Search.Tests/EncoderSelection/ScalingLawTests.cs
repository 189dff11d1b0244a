namespace MLNet.FineTune.Search.Tests.EncoderSelections;

[TestClass]
public sealed class ScalingLawTests
{
    private static readonly int[] Sizes = [25, 50, 100, 200, 400, 800, 1600, 3200];

    private static readonly RectifiedScalingLaw Known = new(B: 40, PreLearnedSize: 20, Beta: 0.7, E: 0.3);

    [TestMethod]
    public void LossIsTheLaws()
    {
        Assert.AreEqual(40 / (20 + Math.Pow(128, 0.7)) + 0.3, Known.LossAt(128), 1e-12);
        Assert.AreEqual(0.3, Known.LossAt(1e15), 1e-6);
    }

    [TestMethod]
    public void FitRecoversTheParameters()
    {
        RectifiedScalingLaw fit = RectifiedScalingLaw.Fit(Points(Known, noise: 0));
        Assert.AreEqual(Known.Beta, fit.Beta, 0.03);
        Assert.AreEqual(Known.E, fit.E, 0.02);
        Assert.AreEqual(Known.PreLearnedSize, fit.PreLearnedSize, 4);
        Assert.AreEqual(Known.B, fit.B, 6);
        Assert.AreEqual(Known.LossAt(100_000), fit.LossAt(100_000), 0.01);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void NoiseAndAnOddRunHardlyMoveThePrediction(int seed)
    {
        ScalingPoint[] points = Points(Known, noise: 0.01, seed);
        Assert.AreEqual(Known.LossAt(12_800), RectifiedScalingLaw.Fit(points).LossAt(12_800), 0.06);
        points[2] = points[2] with { Loss = points[2].Loss * 1.5 };
        Assert.AreEqual(Known.LossAt(12_800), RectifiedScalingLaw.Fit(points).LossAt(12_800), 0.08, "one of eight runs went wrong");
    }

    [TestMethod]
    public void PurePowerLawIsFittedToo()
    {
        var power = new RectifiedScalingLaw(5, 0, 0.5, 0);
        RectifiedScalingLaw fit = RectifiedScalingLaw.Fit(Points(power, noise: 0));
        foreach (int rows in (int[])[10, 300, 20_000])
            Assert.AreEqual(power.LossAt(rows), fit.LossAt(rows), 0.02 * power.LossAt(rows));
    }

    [TestMethod]
    public void CurvesThatCrossAreRankedByTheirEnds()
    {
        // The first is better on every subset and worse on the whole set.
        RectifiedScalingLaw early = new(2, 1, 0.5, 0.6), late = new(150, 100, 0.8, 0.1);
        int[] subsets = [320, 160, 80, 40, 20];
        Assert.IsTrue(subsets.All(rows => early.LossAt(rows) < late.LossAt(rows)));
        Assert.IsGreaterThan(late.LossAt(10_000), early.LossAt(10_000));
        var runs = new ScalingRuns(Options(EncoderSelectionMethod.RectifiedScalingLaw), rows: 10_000);
        var result = new EncoderSelectionResult(10_000, [Measure(early), Measure(late)]);
        Assert.AreEqual(late.LossAt(10_000), result.Candidates[0].PredictedLoss, 0.1);
        Assert.AreEqual(early.LossAt(10_000), result.Candidates[1].PredictedLoss, 0.05);

        EncoderCandidate Measure(RectifiedScalingLaw law) => runs.Measure(EncoderSource.Default, subsets, rows => law.LossAt(rows));
    }

    [TestMethod]
    public void StopsWhereThePowerPhaseBegins()
    {
        // Flat below some hundred rows, a power law above.
        RectifiedScalingLaw law = new(1000, 300, 1, 0);
        int[] subsets = [51_200, 25_600, 12_800, 6_400, 3_200, 1_600, 800, 400, 200, 100];
        var asked = new List<int>();
        EncoderCandidate candidate = new ScalingRuns(Options(EncoderSelectionMethod.AcceptThenStop), rows: 409_600).Measure(EncoderSource.Default, subsets, rows =>
        {
            asked.Add(rows);
            return law.LossAt(rows);
        });
        CollectionAssert.AreEqual(asked, candidate.Points.Select(point => point.Rows).ToArray());
        Assert.IsFalse(candidate.Points[^1].Accepted);
        Assert.IsTrue(candidate.Points.SkipLast(1).All(point => point.Accepted));
        Assert.IsLessThan(subsets.Length, asked.Count, "smaller subsets are spared");
        Assert.IsGreaterThanOrEqualTo(4, asked.Count);
        Assert.AreEqual(law.LossAt(409_600), candidate.PredictedLoss, 0.15 * law.LossAt(409_600));
        // A line through all points misses by much more.
        double through = AcceptThenStop.Predict([.. subsets.Select(rows => new ScalingPoint(rows, law.LossAt(rows)))], 409_600);
        Assert.IsGreaterThan(3 * Math.Abs(candidate.PredictedLoss - law.LossAt(409_600)), Math.Abs(through - law.LossAt(409_600)));
    }

    [TestMethod]
    public void PowerLawIsExtendedExactly()
    {
        int[] subsets = [800, 400, 200, 100];
        EncoderCandidate candidate = new ScalingRuns(Options(EncoderSelectionMethod.AcceptThenStop), rows: 1600).Measure(EncoderSource.Default, subsets, rows => 7 * Math.Pow(rows, -0.4));
        Assert.AreEqual(7 * Math.Pow(1600, -0.4), candidate.PredictedLoss, 1e-12);
        Assert.HasCount(4, candidate.Points);
        Assert.IsNull(candidate.Law);
    }

    [TestMethod]
    public void TooFewOrImpossiblePointsAreRefused()
    {
        Assert.Contains("5 or more", Assert.ThrowsExactly<ArgumentException>(() => RectifiedScalingLaw.Fit(Points(Known, 0)[..4])).Message);
        ScalingPoint[] points = Points(Known, 0);
        points[1] = points[1] with { Loss = 0 };
        Assert.Contains("50 rows is 0", Assert.ThrowsExactly<ArgumentException>(() => RectifiedScalingLaw.Fit(points)).Message);
    }

    private static ScalingPoint[] Points(RectifiedScalingLaw law, double noise, int seed = 0)
    {
        var random = new Random(seed);
        return [.. Sizes.Select(rows => new ScalingPoint(rows, law.LossAt(rows) * Math.Exp(noise * (2 * random.NextDouble() - 1))))];
    }

    private static EncoderSelectionOptions Options(EncoderSelectionMethod method) => new() { TrainingSet = null!, Encoders = [], Method = method };
}
