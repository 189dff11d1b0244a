using System.Text;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class ReportsTests
{
    [TestMethod]
    public void ProgressTellsPositionRateAndTimeLeft()
    {
        using var toy = new Toy();
        var reports = new List<TrainingProgress>();
        // The clock moves a second each time it is read: by the loop and by the reporter, so two seconds a step.
        TrainingLoop.Run(
            toy.Task(batchSize: 50, validator: new ScriptedValidator(true, 0.25, 0.5), clock: new SteppingClock(TimeSpan.FromSeconds(1))),
            new TrainingOptions { Epochs = 2, Progress = new Collector(reports) });

        TrainingProgress[] steps = [.. reports.DistinctBy(report => report.Step)];
        Assert.HasCount(10, steps); // 203 rows: four batches of 50 and one of 3
        for (int i = 0; i < steps.Length; i++)
        {
            TrainingProgress report = steps[i];
            Assert.AreEqual(i + 1, report.Step);
            Assert.AreEqual(10, report.TotalSteps);
            Assert.AreEqual((i + 1) / 5.0, report.Epoch, 1e-12);
            Assert.AreEqual(2.0 * (9 - i), report.Remaining.TotalSeconds, 1e-6, $"step {i}");
            Assert.IsGreaterThan(0, report.Loss);
            Assert.IsGreaterThan(0, report.GradientNorm);
            Assert.IsGreaterThan(0, report.LearningRate);
        }
        Assert.AreEqual(406 / 20.0, reports[^1].RowsPerSecond, 1e-9);
    }

    [TestMethod]
    public void ProgressTellsEachEvaluationBeforeTheNextStepAndTheLastToo()
    {
        using var toy = new Toy();
        var reports = new List<TrainingProgress>();
        TrainingLoop.Run(
            toy.Task(batchSize: 50, validator: new ScriptedValidator(true, 0.25, 0.25, 0.5, 0.75)),
            new TrainingOptions { MaxSteps = 17, Progress = new Collector(reports) });

        // Five steps an epoch; the training ends within the fourth. The second evaluation changes nothing and is not reported again.
        var expected = new List<(int, double?)>();
        for (int step = 1; step <= 17; step++)
        {
            expected.Add((step, step <= 5 ? null : step <= 15 ? 0.25 : 0.5));
            if (step is 5 or 15 or 17)
                expected.Add((step, step switch { 5 => 0.25, 15 => 0.5, _ => 0.75 }));
        }
        CollectionAssert.AreEqual(expected, reports.ConvertAll(report => (report.Step, report.ValidationMetric)));
        Assert.AreEqual(reports[^2] with { ValidationMetric = 0.75 }, reports[^1]);
    }

    [TestMethod]
    public void TensorBoardReceivesAllScalars()
    {
        using var folder = new TemporaryFolder();
        using var toy = new Toy();
        TrainingLoop.Run(
            toy.Task(batchSize: 64, validator: new ScriptedValidator(true, 0.25, 0.5)),
            new TrainingOptions { Epochs = 2, TensorBoardDirectory = folder.Path, ValidationMetric = ValidationMetric.MacroF1 });
        string events = Encoding.Latin1.GetString(File.ReadAllBytes(Directory.GetFiles(folder.Path, "events.out.tfevents.*").Single()));
        int Count(string tag) => events.Split(tag).Length - 1;
        Assert.AreEqual(8, Count("train/loss"));
        Assert.AreEqual(8, Count("train/learning_rate"));
        Assert.AreEqual(8, Count("train/gradient_norm"));
        Assert.AreEqual(8, Count("train/rows_per_second"));
        Assert.AreEqual(2, Count("validation/MacroF1"));
    }

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
