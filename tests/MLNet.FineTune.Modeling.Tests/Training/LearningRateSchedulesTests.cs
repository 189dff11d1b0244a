using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class LearningRateSchedulesTests
{
    [TestMethod]
    [DataRow(LearningRateSchedule.Linear, 0, 0.2)]
    [DataRow(LearningRateSchedule.Linear, 4, 1.0)]
    [DataRow(LearningRateSchedule.Linear, 5, 1.0)]
    [DataRow(LearningRateSchedule.Linear, 15, 0.5)]
    [DataRow(LearningRateSchedule.Linear, 24, 0.05)]
    [DataRow(LearningRateSchedule.Linear, 25, 0.0)]
    [DataRow(LearningRateSchedule.Linear, 99, 0.0)]
    [DataRow(LearningRateSchedule.Cosine, 2, 0.6)]
    [DataRow(LearningRateSchedule.Cosine, 5, 1.0)]
    [DataRow(LearningRateSchedule.Cosine, 10, 0.8535533905932737)] // (1 + cos 45°) / 2
    [DataRow(LearningRateSchedule.Cosine, 15, 0.5)]
    [DataRow(LearningRateSchedule.Cosine, 25, 0.0)]
    [DataRow(LearningRateSchedule.Constant, 0, 0.2)]
    [DataRow(LearningRateSchedule.Constant, 5, 1.0)]
    [DataRow(LearningRateSchedule.Constant, 24, 1.0)]
    public void ClosedForm(LearningRateSchedule schedule, int step, double expected) =>
        Assert.AreEqual(expected, LearningRateSchedules.Factor(schedule, step, totalSteps: 25, warmupSteps: 5), 1e-12);

    [TestMethod]
    public void SlantedTriangularIsThatOfUlmFit()
    {
        const int total = 200, cut = 20; // cut_frac 0.1
        for (int t = 0; t < total; t++)
        {
            double p = t < cut ? t / (double)cut : 1 - (t - cut) / (cut * (1 / 0.1 - 1));
            double expected = (1 + p * (32 - 1)) / 32;
            Assert.AreEqual(expected, LearningRateSchedules.Factor(LearningRateSchedule.SlantedTriangular, t, total, warmupSteps: 50), 1e-12, $"step {t}");
        }
    }

    [TestMethod]
    public void ShortRunsNeverLeaveTheUnitIntervalAndNeverStandStill()
    {
        foreach (LearningRateSchedule schedule in Enum.GetValues<LearningRateSchedule>())
            for (int total = 1; total < 15; total++)
                for (int warmup = 0; warmup <= total + 1; warmup++)
                    for (int step = 0; step < total; step++)
                    {
                        double factor = LearningRateSchedules.Factor(schedule, step, total, warmup);
                        Assert.IsTrue(factor is > 0 and <= 1, $"{schedule} {step}/{total} warm-up {warmup}: {factor}");
                    }
    }
}
