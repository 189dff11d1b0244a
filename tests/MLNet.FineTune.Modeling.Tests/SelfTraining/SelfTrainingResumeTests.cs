using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.SelfTraining;

/// <summary>A self-training that is cut off anywhere goes on to the same weights and reports as one that was not.</summary>
[TestClass]
public sealed class SelfTrainingResumeTests
{
    private static readonly string[] Peft = ["full", "lora(rank=4, dropout=0.1)", "head", "adalora", "chain-of-lora", "dsee"];

    public static IEnumerable<object[]> Rows => Cases.Keys.Select((name, i) => new object[] { name, Peft[i % Peft.Length] }).Concat([["pseudo", Peft[1]], ["cosine", Peft[2]], ["cosine", Peft[3]], ["pseudo, soft", Peft[5]]]);

    private static Dictionary<string, SelfTrainingMethod> Cases { get; } = new()
    {
        ["pseudo"] = new PseudoLabelPretraining { Rounds = 2, Threshold = 0.4, Balance = PseudoLabelBalance.Weights },
        ["pseudo, soft"] = new PseudoLabelPretraining { Labels = PseudoLabelKind.Soft, Pretraining = SelfTrainingTexts.Options(epochs: 1) },
        ["em"] = new ExpectationMaximization { Rounds = 2 },
        ["semievol"] = new SemiEvol { Rounds = 2, Restart = true },
        ["semievol, without restart"] = new SemiEvol(),
        ["cosine"] = new Cosine { InitialSteps = 6, Steps = 14, UpdateEverySteps = 3, ConfidenceThreshold = 0, TrustLabels = true },
        ["list"] = new LitePromptedSelfTraining { Rounds = 2, Steps = 8, WarmupShare = 0.4, ConfidenceThreshold = 0.2, Student = new BottleneckAdapter { Size = 4 } },
    };

    /// <summary>The run is cut off at each of some points of its work: within a training, within a prediction, and between them.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ARunThatIsCutOffGoesOnExactly(string method, string peft)
    {
        using var whole = new TemporaryFolder();
        var (expected, reports, polls) = Fit(whole, method, peft);
        Assert.IsGreaterThan(0, reports.Count);
        const int Points = 4;
        int shift = (method.Length + peft.Length) % 5;
        for (int i = 0; i < Points; i++)
        {
            // From the first poll to the last, at other shares of the work for each row.
            int at = i == Points - 1 ? polls - shift % 2 : 1 + (int)((i + shift / 5.0) / Points * (polls - 1));
            using var folder = new TemporaryFolder();
            long tensors = LiveTensors.Count();
            Assert.ThrowsExactly<OperationCanceledException>(() => Fit(folder, method, peft, stopAt: at), $"poll {at} of {polls}");
            Assert.AreEqual(tensors, LiveTensors.Count(), $"poll {at}");
            var (found, again, rest) = Fit(folder, method, peft);
            CollectionAssert.AreEqual(expected, found, $"poll {at} of {polls}");
            AssertSame(reports, again, $"poll {at} of {polls}");
            if (i > 1)
                Assert.IsLessThan(polls, rest, "what was done is not done again");
        }
    }

    [TestMethod]
    public void ARunThatIsCutOffAgainAndAgainEnds()
    {
        using var whole = new TemporaryFolder();
        var (expected, reports, polls) = Fit(whole, "cosine", Peft[1]);
        using var folder = new TemporaryFolder();
        int attempts = 0;
        while (true)
        {
            try
            {
                var (found, again, _) = Fit(folder, "cosine", Peft[1], stopAt: polls / 2);
                CollectionAssert.AreEqual(expected, found);
                AssertSame(reports, again, $"{attempts} attempts");
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.IsLessThan(polls, ++attempts);
            }
        }
        Assert.IsGreaterThan(1, attempts);
    }

    [TestMethod]
    public void AnErrorInAReportLosesNoWork()
    {
        using var whole = new TemporaryFolder();
        var (expected, reports, _) = Fit(whole, "pseudo", Peft[0]);
        using var folder = new TemporaryFolder();
        int rounds = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => Fit(folder, "pseudo", Peft[0], onReport: _ => throw new InvalidOperationException($"round {++rounds}")));
        var (found, again, _) = Fit(folder, "pseudo", Peft[0]);
        CollectionAssert.AreEqual(expected, found);
        AssertSame(reports, again, "after the error");
    }

    [TestMethod]
    [DataRow("pseudo")]
    [DataRow("cosine")]
    public void AFinishedRunGivesItsResultAtOnce(string method)
    {
        using var folder = new TemporaryFolder();
        var (expected, reports, polls) = Fit(folder, method, Peft[1]);
        Assert.IsEmpty(Directory.GetDirectories(folder.File("self-training")), "no training is under way");
        var (found, again, rest) = Fit(folder, method, Peft[1]);
        CollectionAssert.AreEqual(expected, found);
        AssertSame(reports, again, "finished");
        Assert.AreEqual(0, rest, $"of {polls}");
    }

    [TestMethod]
    public void CheckpointsChangeNothingInTheResult()
    {
        using var folder = new TemporaryFolder();
        var (expected, reports, _) = Fit(null, "semievol", Peft[0]);
        var (found, again, _) = Fit(folder, "semievol", Peft[0]);
        CollectionAssert.AreEqual(expected, found);
        AssertSame(reports, again, "with checkpoints");
    }

    [TestMethod]
    public void ACheckpointOfAnotherRunIsRefusedOrOverwritten()
    {
        using var folder = new TemporaryFolder();
        SelfTrainingTask task = Task(folder, "pseudo", Peft[0]);
        void Refused(SelfTrainingTask other, string says)
        {
            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => SelfTrainer.Fit(other).Dispose());
            StringAssert.Contains(e.Message, "of another training");
            StringAssert.Contains(e.Message, says);
        }

        SelfTrainer.Fit(task).Dispose();
        Refused(task with { Method = new PseudoLabelPretraining { Rounds = 3, Threshold = 0.4, Balance = PseudoLabelBalance.Weights } }, "PseudoLabelPretraining.Rounds: checkpoint 2, this run 3");
        Refused(task with { Method = new SemiEvol() }, "method: checkpoint PseudoLabelPretraining, this run SemiEvol");
        Refused(task with { Tuning = task.Tuning with { Seed = 2 } }, "seed: checkpoint 1, this run 2");
        Refused(task with { LinearProbe = "another" }, "linear probe");
        Refused(task with { Tuning = task.Tuning with { Unlabeled = new UnlabeledTexts([.. SelfTrainingTexts.Others.Inputs.Skip(1)]) } }, "unlabelled texts");
        Refused(task with { Tuning = task.Tuning with { Data = SelfTrainingTexts.Labeled with { Labels = [.. SelfTrainingTexts.Labeled.Labels.Reverse()] } } }, "labelled texts and encoder");
        TrainingOptions training = task.Tuning.Training.Copy();
        training.LearningRate = 1e-3;
        Refused(task with { Tuning = task.Tuning with { Training = training } }, "option LearningRate: checkpoint 0.005, this run 0.001");

        training.ResumeFromCheckpoint = false;
        SelfTrainingTask anew = task with { Tuning = task.Tuning with { Training = training } };
        SelfTrainer.Fit(anew).Dispose();
        Refused(task, "option LearningRate: checkpoint 0.001, this run 0.005");
    }

    [TestMethod]
    public void ADamagedCheckpointIsNamed()
    {
        using var folder = new TemporaryFolder();
        SelfTrainingTask task = Task(folder, "pseudo", Peft[0]);
        SelfTrainer.Fit(task).Dispose();
        foreach (string file in Directory.GetFiles(folder.File("self-training")))
        {
            byte[] content = File.ReadAllBytes(file);
            File.WriteAllBytes(file, content[..(content.Length / 2)]);
            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => SelfTrainer.Fit(task).Dispose());
            StringAssert.Contains(e.Message, "cannot be used");
            StringAssert.Contains(e.Message, "ResumeFromCheckpoint");
            File.WriteAllBytes(file, content);
        }
        SelfTrainer.Fit(task).Dispose();
    }

    [TestMethod]
    public void AFileInPlaceOfTheFolderIsNamedBeforeAnyWork()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("checkpoint"), "");
        SelfTrainingTask task = Task(folder, "pseudo", Peft[0]);
        task.Tuning.Training.CheckpointDirectory = folder.File("checkpoint");
        IOException e = Assert.ThrowsExactly<IOException>(() => SelfTrainer.Fit(task));
        StringAssert.Contains(e.Message, "which is a file");
    }

    private static void AssertSame(List<SelfTrainingProgress> expected, List<SelfTrainingProgress> found, string what) =>
        CollectionAssert.AreEqual(expected.Select(Text).ToArray(), found.Select(Text).ToArray(), what);

    private static string Text(SelfTrainingProgress report) => $"{report with { KeptPerClass = [] }} {string.Join(' ', report.KeptPerClass)}";

    /// <summary>Scores of the result, all reports, and how often the run asked whether it should go on.</summary>
    private static (float[] Scores, List<SelfTrainingProgress> Reports, int Polls) Fit(
        TemporaryFolder? folder, string method, string peft, int stopAt = int.MaxValue, Action<SelfTrainingProgress>? onReport = null)
    {
        var reports = new List<SelfTrainingProgress>();
        int polls = 0;
        SelfTrainingTask task = Task(folder, method, peft);
        task = task with
        {
            Progress = new Sink(report =>
            {
                onReport?.Invoke(report);
                reports.Add(report);
            }),
            Tuning = task.Tuning with
            {
                CheckAlive = () =>
                {
                    if (++polls == stopAt)
                        throw new OperationCanceledException();
                },
            },
        };
        using TextClassifier classifier = SelfTrainer.Fit(task);
        return (TinyTexts.Scores(classifier, SelfTrainingTexts.Test.Inputs), reports, polls);
    }

    /// <summary>Dropout, validation and best weights: all that has a state.</summary>
    private static SelfTrainingTask Task(TemporaryFolder? folder, string method, string peft)
    {
        TrainingOptions options = SelfTrainingTexts.Options(epochs: 3);
        (options.CheckpointDirectory, options.CheckpointEverySteps, options.FrozenStateMegabytes) = (folder?.Path, 2, 64);
        SelfTrainingTask task = SelfTrainingTexts.Task(Cases[method], options);
        return task with
        {
            Tuning = task.Tuning with
            {
                Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 100, Dropout = 0.1 }),
                Peft = PeftMethod.Parse(peft),
                Validation = SelfTrainingTexts.Others.Rows([.. Enumerable.Range(0, 20)]),
            },
        };
    }

    private sealed class Sink(Action<SelfTrainingProgress> report) : IProgress<SelfTrainingProgress>
    {
        public void Report(SelfTrainingProgress value) => report(value);
    }
}
