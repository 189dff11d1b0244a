using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class FineTunerTests
{
    public static IEnumerable<object[]> Methods => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void LearnsWithEveryMethod(string name)
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(MethodCases.All.Single(row => row.Name == name).Create(), TinyTexts.Options(epochs: 20), TinyTexts.Scratch(dropout: 0)));
        // On the rows seen: what a frozen encoder of random weights gives of a word differs from place to place, and 96 rows do not show all.
        Assert.IsGreaterThanOrEqualTo(0.75, TinyTexts.Accuracy(classifier, TinyTexts.Train));
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void TheSameSeedGivesTheSameBits(string name)
    {
        Dictionary<string, byte[]> Run(int seed)
        {
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(MethodCases.All.Single(row => row.Name == name).Create()) with { Seed = seed });
            return TinyTexts.Save(classifier);
        }

        Dictionary<string, byte[]> first = Run(1), second = Run(1), other = Run(2);
        CollectionAssert.AreEqual(first.Keys.ToArray(), second.Keys.ToArray());
        foreach (string file in first.Keys)
            CollectionAssert.AreEqual(first[file], second[file], file);
        Assert.IsTrue(first.Keys.Any(file => !first[file].SequenceEqual(other[file])), "another seed changes nothing");
    }

    /// <summary>A metric that the validation rows cannot have is refused before the training, not after its first epoch.</summary>
    [TestMethod]
    [DataRow(3, "needs two classes; there are 3")]
    [DataRow(2, "validation rows of both classes")]
    public void AMetricThatCannotBeMeasuredIsRefusedBeforeAnyStep(int classes, string expected)
    {
        int steps = 0;
        TrainingOptions options = TinyTexts.Options(epochs: 1);
        options.ValidationMetric = ValidationMetric.AreaUnderRocCurve;
        options.Progress = new Report(_ => steps++);
        LabelledTexts two = TinyTexts.Train.Rows([.. Enumerable.Range(0, TinyTexts.Train.Labels.Length).Where(row => TinyTexts.Train.Labels[row] < classes)]);
        FineTuneTask task = TinyTexts.Task(training: options) with { Data = two, ClassCount = classes, Validation = two.Rows([.. Enumerable.Range(0, two.Labels.Length).Where(row => classes == 3 || two.Labels[row] == 1)]) };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(task)).Message, expected);
        Assert.AreEqual(0, steps);
    }

    [TestMethod]
    public void StopsEarlyWithTheBestWeights()
    {
        double best = 0;
        int steps = 0, total = 0;
        TrainingOptions options = TinyTexts.Options(epochs: 200);
        options.ValidationFraction = 0.25;
        options.EarlyStoppingPatience = 2;
        options.Progress = new Report(p =>
        {
            (steps, total) = (p.Step, p.TotalSteps);
            best = Math.Max(best, p.ValidationMetric ?? 0);
        });
        FineTuneTask task = TinyTexts.Task(training: options);
        using TextClassifier classifier = FineTuner.Fit(task);

        Assert.IsLessThan(total / 2, steps);
        Assert.AreEqual(200 * 9, total, "72 of 96 rows are trained on");
        (_, int[] held) = StratifiedSplit.Create(TinyTexts.Train.Labels, options.ValidationFraction, task.Seed);
        Assert.AreEqual(best, TinyTexts.Accuracy(classifier, TinyTexts.Train.Rows(held)), 1e-9);
    }

    [TestMethod]
    public void AGivenValidationSetIsMeasuredAndNotTrainedOn()
    {
        double? metric = null;
        int total = 0;
        TrainingOptions options = TinyTexts.Options(epochs: 1);
        options.ValidationFraction = 0.5; // no effect beside a given set
        options.EvaluateEverySteps = 1;
        options.Progress = new Report(p => (metric, total) = (p.ValidationMetric, p.TotalSteps));
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(training: options) with { Validation = TinyTexts.Test });

        Assert.AreEqual(12, total, "all 96 rows are trained on");
        Assert.IsNotNull(metric);
        Assert.AreEqual(0, metric.Value * TinyTexts.Test.Labels.Length % 1, 1e-6, "a share of the 30 rows given");
    }

    [TestMethod]
    public void AClassWithoutWeightIsNotLearned()
    {
        TrainingOptions options = TinyTexts.Options(epochs: 6);
        options.ClassWeights = [1, 1, 0];
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new FullFineTuning(), options));
        Assert.AreEqual(2 / 3.0, TinyTexts.Accuracy(classifier, TinyTexts.Test), 0.11);

        options.ClassWeights = [1, 1];
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyTexts.Task(training: options)));
        StringAssert.Contains(e.Message, "ClassWeights has 2 weights; expected 3");
    }

    [TestMethod]
    public void ReadsBothTextsOfAPair()
    {
        LabelledTexts Pairs(LabelledTexts data) => data with { Inputs = [.. data.Inputs.Select(input => new TextInput("the car", input.Text))] };
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new FullFineTuning(), TinyTexts.Options(epochs: 6)) with { Data = Pairs(TinyTexts.Train) });
        Assert.IsGreaterThanOrEqualTo(0.9, TinyTexts.Accuracy(classifier, Pairs(TinyTexts.Test)));
    }

    [TestMethod]
    [DataRow(Truncation.Head, false)]
    [DataRow(Truncation.Tail, true)]
    public void TruncationDecidesWhatIsRead(Truncation truncation, bool readsTheEnd)
    {
        LabelledTexts Late(LabelledTexts data) => data with { Inputs = [.. data.Labels.Select(label => new TextInput("the old house on the street is " + new[] { "red", "green", "blue" }[label]))] };
        var lines = new List<string>();
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(training: TinyTexts.Options(epochs: 6)) with
        {
            Data = Late(TinyTexts.Train),
            MaxLength = 6,
            Truncation = truncation,
            Inform = lines.Add,
        });

        Assert.AreEqual(readsTheEnd ? 1 : 1 / 3.0, TinyTexts.Accuracy(classifier, Late(TinyTexts.Test)), 1e-6);
        Assert.HasCount(1, lines);
        StringAssert.Contains(lines[0], "96 of 96 texts");
        StringAssert.Contains(lines[0], "6 tokens");
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(25)]
    public void AMaximumLengthOutOfRangeIsRefused(int length)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyTexts.Task() with { MaxLength = length }));
        StringAssert.Contains(e.Message, $"MaxLength is {length}; expected 3 to 24");
    }

    [TestMethod]
    public void CancellingFreesEverything()
    {
        using var source = new CancellationTokenSource();
        TrainingOptions options = TinyTexts.Options();
        options.CancellationToken = source.Token;
        options.Progress = new Report(p => { if (p.Step == 3) source.Cancel(); });
        FineTuneTask task = TinyTexts.Task(training: options);
        long tensors = LiveTensors.Count();

        Assert.ThrowsExactly<OperationCanceledException>(() => FineTuner.Fit(task));

        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    public void CheckAliveIsPolledAndMayStop()
    {
        int polled = 0;
        Assert.ThrowsExactly<TimeoutException>(() => FineTuner.Fit(TinyTexts.Task() with
        {
            CheckAlive = () => { if (++polled == 4) throw new TimeoutException(); },
        }));
        Assert.AreEqual(4, polled);
    }

    [TestMethod]
    [DataRow("lora-all-linear")] // with dropout
    [DataRow("adalora")]
    [DataRow("chain-of-lora")]
    [DataRow("dsee-pruned")]
    [DataRow("autolora-mean-rank")]
    [DataRow("vera-without-projections")]
    [DataRow("loha-dropout")]
    [DataRow("lokr")] // with dropout
    [DataRow("oft-small-blocks")]
    [DataRow("full")]
    [DataRow("head")]
    public void AResumedFitEqualsTheUnbrokenOne(string name)
    {
        PeftMethod method = MethodCases.All.Single(row => row.Name == name).Create();
        float[] Run(string? directory, int stopAt)
        {
            using var source = new CancellationTokenSource();
            TrainingOptions options = TinyTexts.Options(epochs: 3);
            options.ValidationFraction = 0.2;
            options.CancellationToken = source.Token;
            options.CheckpointDirectory = directory;
            options.CheckpointEverySteps = 2;
            options.Progress = new Report(p => { if (p.Step == stopAt) source.Cancel(); });
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, options));
            return TinyTexts.Scores(classifier, TinyTexts.Test.Inputs);
        }

        // With checkpoints the states of frozen layers are computed text by text: the unbroken run has a folder too.
        using TemporaryFolder folder = new(), whole = new();
        float[] expected = Run(whole.Path, -1);
        Assert.ThrowsExactly<OperationCanceledException>(() => Run(folder.Path, stopAt: 7));
        CollectionAssert.AreEqual(expected, Run(folder.Path, -1));
        Assert.HasCount(0, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void DivergenceNamesTheStepAndFreesEverything()
    {
        TrainingOptions options = TinyTexts.Options();
        options.LearningRate = 1e30;
        FineTuneTask task = TinyTexts.Task(new FullFineTuning(), options);
        long tensors = LiveTensors.Count();
        StringAssert.Contains(Assert.ThrowsExactly<TrainingDivergedException>(() => FineTuner.Fit(task)).Message, "step");
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    /// <summary>As <see cref="Progress{T}"/>, but at once.</summary>
    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
