using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>What a user sees of a training: the log of the context, progress reports, TensorBoard events.</summary>
[TestClass]
public sealed partial class ReportingTests
{
    private readonly MLContext _ml = new(7);

    /// <summary>A line an epoch, with the loss and the validation metric of that epoch's end.</summary>
    [TestMethod]
    public void The_log_has_a_line_for_each_epoch_with_its_own_metric()
    {
        List<string> log = [];
        List<TrainingProgress> reports = [];
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info)
                log.Add(e.RawMessage);
        };
        TextClassificationOptions options = Options(reports);
        options.ValidationSet = Tiny.Load(_ml, Tiny.Make(30, seed: 2));
        using var model = Tiny.Fit(_ml, options);
        Match[] lines = [.. log.Select(line => EpochLine().Match(line)).Where(match => match.Success)];
        Assert.HasCount(4, lines);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            Assert.AreEqual($"{epoch + 1}", lines[epoch].Groups["epoch"].Value);
            Assert.AreEqual($"{5 * (epoch + 1)}", lines[epoch].Groups["step"].Value);
            // A step whose evaluation finds something new is reported again with it.
            TrainingProgress last = reports.Last(report => report.Step == 5 * (epoch + 1));
            Assert.AreEqual(last.Loss.ToString("G4", CultureInfo.InvariantCulture), lines[epoch].Groups["loss"].Value);
            Assert.AreEqual(last.ValidationMetric!.Value.ToString("F4", CultureInfo.InvariantCulture), lines[epoch].Groups["metric"].Value);
        }
    }

    [TestMethod]
    public void Progress_counts_every_step_and_ends_at_the_last()
    {
        List<TrainingProgress> reports = [];
        using var model = Tiny.Fit(_ml, Options(reports));
        CollectionAssert.AreEqual(Enumerable.Range(1, 20).ToArray(), reports.Select(report => report.Step).ToArray());
        Assert.IsTrue(reports.All(report => report is { TotalSteps: 20, ValidationMetric: null, GradientNorm: > 0, RowsPerSecond: > 0 } && double.IsFinite(report.Loss)));
        Assert.AreEqual(4.0, reports[^1].Epoch, 1e-9);
        Assert.AreEqual(TimeSpan.Zero, reports[^1].Remaining);
        Assert.IsLessThan(reports[0].Loss, reports[^1].Loss);
    }

    [TestMethod]
    public void The_last_evaluation_is_reported()
    {
        List<TrainingProgress> reports = [];
        TextClassificationOptions options = Options(reports);
        options.ValidationSet = Tiny.Load(_ml, Tiny.Make(30, seed: 2));
        using var model = Tiny.Fit(_ml, options);
        Assert.AreEqual(20, reports[^1].Step);
        double best = reports.Max(report => report.ValidationMetric)!.Value;
        Assert.AreEqual(best, _ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet)).MicroAccuracy, 1e-9);
    }

    /// <summary>TensorBoard reads files of this name; the scalars' names stand in them as text.</summary>
    [TestMethod]
    public void A_TensorBoard_directory_gets_the_scalars()
    {
        using var folder = new TemporaryFolder();
        TextClassificationOptions options = Options([]);
        options.Training.TensorBoardDirectory = folder.File("logs/run1");
        options.Training.ValidationFraction = 0.2;
        using (Tiny.Fit(_ml, options))
        {
            string[] files = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories);
            Assert.HasCount(1, files);
            StringAssert.Contains(Path.GetFileName(files[0]), "tfevents");
            string content = Encoding.Latin1.GetString(File.ReadAllBytes(files[0]));
            foreach (string tag in (string[])["train/loss", "train/learning_rate", "train/gradient_norm", "validation/Accuracy"])
                StringAssert.Contains(content, tag);
            Assert.HasCount(16 + 1, content.Split("train/loss"));
        }
    }

    [TestMethod]
    public void Texts_that_are_cut_are_counted_in_the_log()
    {
        List<string> log = [];
        _ml.Log += (_, e) => log.Add(e.RawMessage);
        TextClassificationOptions options = Tiny.Options(epochs: 1);
        options.MaxLength = 6;
        using var model = Tiny.Fit(_ml, options);
        StringAssert.Contains(string.Join('\n', log), "40 of 40 texts fill the maximum length of 6 tokens");
    }

    private static TextClassificationOptions Options(List<TrainingProgress> reports)
    {
        TextClassificationOptions options = Tiny.Options(epochs: 4);
        options.Training.Progress = new Sink<TrainingProgress>(reports.Add);
        return options;
    }

    [GeneratedRegex(@"^Epoch (?<epoch>\d+): step (?<step>\d+) of 20, loss (?<loss>[0-9.E-]+), Accuracy (?<metric>[0-9.]+), [0-9.]+ s\.$")]
    private static partial Regex EpochLine();
}
