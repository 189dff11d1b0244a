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

        Assert.HasCount(11, reports); // 203 rows: four batches of 50 and one of 3; the last step once more, with the last evaluation
        Assert.AreEqual(reports[9] with { ValidationMetric = 0.5 }, reports[10]);
        reports.RemoveAt(10);
        for (int i = 0; i < reports.Count; i++)
        {
            TrainingProgress report = reports[i];
            Assert.AreEqual(i + 1, report.Step);
            Assert.AreEqual(10, report.TotalSteps);
            Assert.AreEqual((i + 1) / 5.0, report.Epoch, 1e-12);
            Assert.AreEqual(2.0 * (9 - i), report.Remaining.TotalSeconds, 1e-6, $"step {i}");
            Assert.IsGreaterThan(0, report.Loss);
            Assert.IsGreaterThan(0, report.GradientNorm);
            Assert.IsGreaterThan(0, report.LearningRate);
        }
        Assert.AreEqual(406 / 20.0, reports[^1].RowsPerSecond, 1e-9);
        Assert.IsNull(reports[4].ValidationMetric);
        Assert.AreEqual(0.25, reports[5].ValidationMetric);
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
