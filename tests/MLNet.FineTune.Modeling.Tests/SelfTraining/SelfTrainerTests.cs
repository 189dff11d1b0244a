using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class SelfTrainerTests
{
    public static IEnumerable<object[]> Methods => Cases.Keys.Select(name => new object[] { name });

    private static Dictionary<string, SelfTrainingMethod> Cases { get; } = new()
    {
        ["pseudo"] = new PseudoLabelPretraining(),
        ["pseudo, rounds"] = new PseudoLabelPretraining { Rounds = 2, Threshold = 0.6, Balance = PseudoLabelBalance.Undersample },
        ["pseudo, soft"] = new PseudoLabelPretraining { Labels = PseudoLabelKind.Soft, Balance = PseudoLabelBalance.Weights },
        ["cosine"] = new Cosine { Steps = 120, UpdateEverySteps = 20, ConfidenceThreshold = 0.2, ConfidenceWeight = 0.05, TrustLabels = true },
        ["list"] = new LitePromptedSelfTraining { Rounds = 2, Steps = 60, Student = new FullFineTuning(), ConfidenceThreshold = 0.5 },
        ["em"] = new ExpectationMaximization(),
        ["em, hard"] = new ExpectationMaximization { Rounds = 2, Labels = PseudoLabelKind.Hard },
        ["semievol"] = new SemiEvol { Rounds = 2, Restart = true },
        ["cosine, by cosine"] = new Cosine { Steps = 120, UpdateEverySteps = 20, ConfidenceThreshold = 0.2, ConfidenceWeight = 0.05, Distance = EmbeddingDistance.Cosine },
    };

    private static double Supervised { get; } = Accuracy(FineTuner.Fit(SelfTrainingTexts.Task(new PseudoLabelPretraining()).Tuning));

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void LearnsWhatTheLabelledTextsDoNotShow(string name)
    {
        var reports = new List<SelfTrainingProgress>();
        double accuracy = Accuracy(SelfTrainer.Fit(SelfTrainingTexts.Task(Cases[name], progress: new Sink(reports.Add))));
        Assert.IsGreaterThanOrEqualTo(Supervised + 0.1, accuracy, $"supervised {Supervised}");
        Assert.IsGreaterThan(0, reports.Count);
        Assert.IsTrue(reports.All(report => !report.Collapsed && report.KeptPerClass.Sum() == report.Kept && report.PseudoLabelAccuracy is > 0.6 and <= 1 && report.Drift is >= 0 and < 0.5));
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void TheSameSeedGivesTheSameBits(string name)
    {
        float[] Run(int seed)
        {
            SelfTrainingTask task = SelfTrainingTexts.Task(Short(Cases[name]), SelfTrainingTexts.Options(epochs: 10));
            using TextClassifier classifier = SelfTrainer.Fit(task with { Tuning = task.Tuning with { Seed = seed } });
            return TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs);
        }

        float[] first = Run(1);
        CollectionAssert.AreEqual(first, Run(1));
        CollectionAssert.AreNotEqual(first, Run(2));
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void CancellingFreesEverything(string name)
    {
        using var source = new CancellationTokenSource();
        TrainingOptions options = SelfTrainingTexts.Options();
        options.CancellationToken = source.Token;
        int steps = 0;
        options.Progress = new StepSink(() => { if (++steps == 40) source.Cancel(); });
        SelfTrainingTask task = SelfTrainingTexts.Task(Cases[name], options);
        long tensors = LiveTensors.Count();
        Assert.ThrowsExactly<OperationCanceledException>(() => SelfTrainer.Fit(task).Dispose());
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void AllIsFreedInTheEnd(string name)
    {
        TrainingOptions options = SelfTrainingTexts.Options(epochs: 10);
        SelfTrainingTask task = SelfTrainingTexts.Task(Short(Cases[name]), options);
        task = task with { Tuning = task.Tuning with { Validation = SelfTrainingTexts.Test } };
        long tensors = LiveTensors.Count();
        SelfTrainer.Fit(task).Dispose();
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    public void TheBestRoundByValidationIsTheResult()
    {
        var metrics = new List<double>();
        SelfTrainingTask task = SelfTrainingTexts.Task(new PseudoLabelPretraining { Rounds = 2, Pretraining = SelfTrainingTexts.Options(epochs: 5) }, progress: new Sink(report => metrics.Add(report.ValidationMetric!.Value)));
        task = task with { Tuning = task.Tuning with { Validation = SelfTrainingTexts.Others.Rows([.. Enumerable.Range(0, 30)]) } };
        using TextClassifier classifier = SelfTrainer.Fit(task);
        Assert.HasCount(2, metrics);
        Assert.IsGreaterThanOrEqualTo(metrics.Max(), TinyTexts.Accuracy(classifier, task.Tuning.Validation!) + 1e-9);
    }

    [TestMethod]
    public void CollapsedLabelsAreNotLearntFrom()
    {
        // All texts of one class: it comes to have all labels, which it had not among those given.
        SelfTrainingTask task = SelfTrainingTexts.Task(new PseudoLabelPretraining());
        int[] red = [.. Enumerable.Range(0, SelfTrainingTexts.Labeled.Labels.Length).Where(row => SelfTrainingTexts.Labeled.Labels[row] == 0)];
        var lines = new List<string>();
        SelfTrainingProgress? last = null;
        task = task with
        {
            Progress = new Sink(report => last = report),
            Tuning = task.Tuning with { Unlabeled = new UnlabeledTexts(SelfTrainingTexts.Labeled.Rows(red).Inputs), Inform = lines.Add },
        };
        using TextClassifier classifier = SelfTrainer.Fit(task);
        using TextClassifier supervised = FineTuner.Fit(task.Tuning);

        Assert.IsTrue(last!.Collapsed);
        Assert.IsTrue(lines.Any(line => line.Contains("collapsed: class 1 of 2 has 100 %", StringComparison.Ordinal)), string.Join('\n', lines));
        CollectionAssert.AreEqual(TinyTexts.Scores(supervised, SelfTrainingTexts.Test.Inputs), TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ALaterCollapseGivesTheModelBeforeIt(bool interrupted)
    {
        // A rate that ruins the encoder beyond what the labelled texts repair: the second round's labels are of one class.
        using var folder = new TemporaryFolder();
        TrainingOptions options = SelfTrainingTexts.Options();
        options.CheckpointDirectory = interrupted ? folder.Path : null;
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingTask task = SelfTrainingTexts.Task(new PseudoLabelPretraining { Rounds = 3, Pretraining = new TrainingOptions { Epochs = 3, BatchSize = 8, LearningRate = 20, FrozenStateMegabytes = 0 } }, options, new Sink(reports.Add));
        float[] wanted;
        using (TextClassifier supervised = FineTuner.Fit(SelfTrainingTexts.Task(new PseudoLabelPretraining()).Tuning))
            wanted = TinyTexts.Scores(supervised, SelfTrainingTexts.Test.Inputs);
        if (interrupted)
            Assert.ThrowsExactly<OperationCanceledException>(() => SelfTrainer.Fit(task with { Progress = new Sink(report => { if (report.Collapsed) throw new OperationCanceledException(); }) }).Dispose());
        using TextClassifier classifier = SelfTrainer.Fit(task);
        CollectionAssert.AreEqual((bool[])[false, true], reports.Select(report => report.Collapsed).ToArray());
        CollectionAssert.AreEqual(wanted, TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs));
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void EveryMethodReportsACollapse(string name)
    {
        // Many texts of one class, which had half of the labels.
        TextInput[] red = [.. SelfTrainingTexts.Labeled.Inputs.Where((_, row) => SelfTrainingTexts.Labeled.Labels[row] == 0)];
        TextInput[] many = [.. Enumerable.Range(0, 300).Select(i => red[i % red.Length])];
        SelfTrainingProgress? last = null;
        SelfTrainingTask task = SelfTrainingTexts.Task(Short(Cases[name]), progress: new Sink(report => last = report));
        SelfTrainer.Fit(task with { Tuning = task.Tuning with { Unlabeled = new UnlabeledTexts(many, new int[many.Length]) } }).Dispose();
        Assert.IsTrue(last!.Collapsed);
        Assert.AreEqual(1, last.Round);
        Assert.IsGreaterThan(0.95, last.KeptPerClass[0] / (double)last.Kept);
        Assert.AreEqual(last.KeptPerClass[0] / (double)last.Kept - 0.5, last.Drift, 1e-9);
        Assert.IsGreaterThan(0.95, last.PseudoLabelAccuracy!.Value);
    }

    [TestMethod]
    public void AStudentWhoseLabelsCollapseHasNoSuccessor()
    {
        // A rate at which the first student comes to know one class only.
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingTask task = SelfTrainingTexts.Task(
            new LitePromptedSelfTraining { Rounds = 4, Steps = 30, Student = new FullFineTuning(), ConfidenceThreshold = 0, FineTuneStudent = false, SelfTraining = new TrainingOptions { BatchSize = 8, LearningRate = 20 } },
            progress: new Sink(reports.Add));
        SelfTrainer.Fit(task).Dispose();
        CollectionAssert.AreEqual((int[])[1, 2], reports.Select(report => report.Round).ToArray());
        CollectionAssert.AreEqual((bool[])[false, true], reports.Select(report => report.Collapsed).ToArray());
    }

    [TestMethod]
    public void ACosineThatKeepsNothingGivesTheFirstStage()
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(new Cosine { Steps = 20, UpdateEverySteps = 5, ConfidenceThreshold = 0.999 }, SelfTrainingTexts.Options(epochs: 1));
        using TextClassifier classifier = SelfTrainer.Fit(task);
        using TextClassifier supervised = FineTuner.Fit(task.Tuning);
        CollectionAssert.AreEqual(TinyTexts.Scores(supervised, SelfTrainingTexts.Test.Inputs), TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs));
    }

    [TestMethod]
    public void CosineRepairsWeakLabelsOfAllRows()
    {
        // A quarter of the labels is wrong, and no text is without one.
        int[] weak = [.. SelfTrainingTexts.Others.Labels.Select((label, row) => row % 8 is 2 or 5 ? 1 - label : label)];
        SelfTrainingTask task = SelfTrainingTexts.Task(new Cosine { InitialSteps = 60, Steps = 100, UpdateEverySteps = 20, ConfidenceThreshold = 0.2 }, SelfTrainingTexts.Options(epochs: 20));
        FineTuneTask tuning = task.Tuning with { Data = new LabelledTexts(SelfTrainingTexts.Others.Inputs, weak), Unlabeled = null };
        double supervised = Accuracy(FineTuner.Fit(tuning)), accuracy = Accuracy(SelfTrainer.Fit(task with { Tuning = tuning }));
        Assert.IsGreaterThan(supervised, accuracy, $"supervised {supervised}");
    }

    [TestMethod]
    public void LabelsThatAreTrustedAreLearntOnceMoreAtTheEnd()
    {
        var trusting = new Cosine { InitialSteps = 60, Steps = 20, UpdateEverySteps = 10, ConfidenceThreshold = 0.2, TrustLabels = true };
        List<int> with = Trainings(trusting), without = Trainings(trusting with { FineTuneOnLabels = false });
        CollectionAssert.AreEqual(without.Append(without[0]).ToList(), with);
        CollectionAssert.AreEqual(without, Trainings(trusting with { TrustLabels = false }));

        // The steps of each training.
        static List<int> Trainings(Cosine method)
        {
            var steps = new List<int>();
            SelfTrainingTask task = SelfTrainingTexts.Task(method, SelfTrainingTexts.Options(epochs: 20));
            task = task with { Tuning = task.Tuning with { Observers = [new Ends(state => steps.Add(state.Step))] } };
            SelfTrainer.Fit(task).Dispose();
            return steps;
        }
    }

    [TestMethod]
    [DataRow("lora")]
    [DataRow("head")]
    [DataRow("adalora")]
    [DataRow("chain-of-lora")]
    [DataRow("bottleneck")]
    public void WorksWithOtherMethodsOfFineTuning(string name)
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(new PseudoLabelPretraining { Rounds = 2 }, SelfTrainingTexts.Options(epochs: 8));
        task = task with { Tuning = task.Tuning with { Peft = PeftMethod.Parse(name), Validation = SelfTrainingTexts.Test } };
        long tensors = LiveTensors.Count();
        float[] scores;
        using (TextClassifier classifier = SelfTrainer.Fit(task))
            scores = TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs);
        Assert.IsTrue(scores.All(float.IsFinite));
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    [TestMethod]
    public void WithoutTextsThereIsNothingToLearnFrom()
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(new PseudoLabelPretraining());
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => SelfTrainer.Fit(task with { Tuning = task.Tuning with { Unlabeled = null } }));
        StringAssert.Contains(e.Message, "PseudoLabelPretraining learns from texts without labels");
    }

    private static SelfTrainingMethod Short(SelfTrainingMethod method) => method switch
    {
        Cosine cosine => cosine with { Steps = 12, UpdateEverySteps = 4 },
        ExpectationMaximization maximization => maximization with { Rounds = 1 },
        SemiEvol evolution => evolution with { Rounds = 1 },
        LitePromptedSelfTraining lite => lite with { Rounds = 1, Steps = 8 },
        _ => method,
    };

    private static double Accuracy(TextClassifier classifier)
    {
        using (classifier)
            return TinyTexts.Accuracy(classifier, SelfTrainingTexts.Test);
    }

    private sealed class Ends(Action<TrainingState> report) : ITrainingCallback
    {
        public void OnTrainingEnd(TrainingState state) => report(state);
    }

    private sealed class Sink(Action<SelfTrainingProgress> report) : IProgress<SelfTrainingProgress>
    {
        public void Report(SelfTrainingProgress value) => report(value);
    }

    private sealed class StepSink(Action report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report();
    }
}
