using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Prompting;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class LitePromptedSelfTrainingTests
{
    /// <summary>The student's adapters and head train; the encoder is what it was, to the bit.</summary>
    [TestMethod]
    public void TheEncoderIsFrozen()
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = TinyPrompt.WriteCheckpoint(folder.Path);
        var reports = new List<SelfTrainingProgress>();
        using TextClassifier classifier = SelfTrainer.Fit(Task(encoder, reports));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        using SafetensorsFile before = SafetensorsFile.Open(Path.Combine(folder.Path, CheckpointDirectory.Safetensors));
        using SafetensorsFile after = SafetensorsFile.Parse(files["encoder.safetensors"], "encoder");
        string[] names = [.. before.Tensors.Keys.Where(name => name.StartsWith("bert.", StringComparison.Ordinal))];
        Assert.IsGreaterThan(20, names.Length);
        foreach (string name in names)
        {
            using Tensor own = before.Read(name, ScalarType.Float32), saved = after.Read(name, ScalarType.Float32);
            Assert.IsTrue(own.allclose(saved, rtol: 0, atol: 0), name);
        }
        Assert.IsInstanceOfType<BottleneckAdapter>(classifier.Adapter.Method);
        using TextClassifier loaded = TinyTexts.Load(files);
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
        CollectionAssert.AreEqual((int[])[1, 2], reports.Select(report => report.Round).ToArray());
        Assert.IsTrue(reports.All(report => report.Kept is > 0 and <= 60 && report.Texts == 60));
    }

    [TestMethod]
    public void WeightsComeFromValidationRowsWhereThereAreSome()
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = TinyPrompt.WriteCheckpoint(folder.Path);
        SelfTrainingTask task = Task(encoder, []);
        LabelledTexts held = TinyTexts.Create(9, 15);
        using var with = new SelfTrainingRun(task with { Tuning = task.Method.Prepare(task.Tuning) with { Validation = held } });
        using var without = new SelfTrainingRun(task with { Tuning = task.Method.Prepare(task.Tuning) });
        Assert.AreEqual(15, with.Guiding.Count);
        Assert.AreEqual(without.Labeled.Count, without.Guiding.Count);
    }

    /// <summary>Pseudo-labels that are wrong get less weight than those that are right, since they lead away from what labelled texts ask for.</summary>
    [TestMethod]
    public void WrongLabelsWeighLess()
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(new LitePromptedSelfTraining(), SelfTrainingTexts.Options(epochs: 15));
        using var run = new SelfTrainingRun(task with { Tuning = task.Method.Prepare(task.Tuning) });
        run.TrainOnLabeled();
        int[] truth = run.TrueLabels![..40];
        int[] given = [.. truth.Select((label, row) => row / 2 % 2 == 0 ? label : 1 - label)];
        int[] all = [.. Enumerable.Range(0, run.Labeled.Count)];
        float[] weights = LookAhead.Weights(run.Evaluate(() => LookAhead.Alignments(run.Trainable, () => run.Loss(run.Guiding, all),
            [.. Enumerable.Range(0, given.Length).Select(row => (Func<Tensor>)(() => run.Loss(new EncodedTexts(run.Unlabeled, given), [row])))])));
        Assert.AreEqual(1, weights.Sum(), 1e-5);
        Assert.IsGreaterThan(0.8, weights.Where((_, row) => given[row] == truth[row]).Sum());
    }

    [TestMethod]
    public void WithAThresholdNothingReachesOnlyLearntWeightsCount()
    {
        using var folder = new TemporaryFolder();
        SelfTrainingTask task = Task(TinyPrompt.WriteCheckpoint(folder.Path), []);
        var method = (LitePromptedSelfTraining)task.Method;
        var reports = new List<SelfTrainingProgress>();
        void Run(LitePromptedSelfTraining own) => SelfTrainer.Fit(task with { Method = own with { Rounds = 1 }, Progress = new Sink(reports.Add) }).Dispose();
        Run(method with { ConfidenceThreshold = 0.999999, WarmupShare = 1 });
        Run(method with { ConfidenceThreshold = 0, WarmupShare = 1, Steps = 8 });
        Assert.AreEqual(0, reports[0].Kept);
        Assert.AreEqual(60, reports[1].Kept);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        void Refused(string says, LitePromptedSelfTraining method) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(method.Validate).Message, says);
        Refused("LitePromptedSelfTraining.Rounds is 0; expected at least 1", new() { Rounds = 0 });
        Refused("Steps is 0", new() { Steps = 0 });
        Refused("StepScale is 0", new() { StepScale = 0 });
        Refused("WarmupShare is 1.5; expected 0 to 1", new() { WarmupShare = 1.5 });
        Refused("ConfidenceThreshold is 1", new() { ConfidenceThreshold = 1 });
        Refused("ReweightingBatchSize is 0", new() { ReweightingBatchSize = 0 });
        Refused("ClozePrompt.LabelWordCandidates is 0", new() { Prompt = new ClozePrompt { LabelWordCandidates = 0 } });
        Refused("Prompt is null", new() { Prompt = null! });
        Refused("Lora.Rank is 0", new() { Student = new Lora { Rank = 0 } });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new LitePromptedSelfTraining { Prompt = TinyPrompt.Given }.CheckClasses(["R", "G"])).Message, "'B'");
        new LitePromptedSelfTraining().Validate();
    }

    [TestMethod]
    [DataRow(3, "lora")]
    [DataRow(4, "bottleneck")]
    public void TheDefaultStudentSuitsTheDepth(int layers, string method) => Assert.AreEqual(method, LitePromptedSelfTraining.StudentFor(layers).MethodName);

    private static SelfTrainingTask Task(EncoderSource encoder, List<SelfTrainingProgress> reports)
    {
        LabelledTexts others = TinyTexts.Create(6, 60);
        return new SelfTrainingTask
        {
            Method = new LitePromptedSelfTraining { Prompt = TinyPrompt.Given, Rounds = 2, Steps = 16, ConfidenceThreshold = 0.5, Student = new BottleneckAdapter { Size = 4, Sublayers = Sublayers.Both, Activation = AdapterActivation.Identity } },
            Progress = new Sink(reports.Add),
            Tuning = TinyPrompt.Task(encoder, method: new FullFineTuning(), training: new TrainingOptions { Epochs = 6, BatchSize = 8, LearningRate = 5e-3 }) with
            {
                Prompt = null,
                Data = TinyTexts.Create(5, 30),
                Unlabeled = new UnlabeledTexts(others.Inputs, others.Labels),
            },
        };
    }

    private sealed class Sink(Action<SelfTrainingProgress> report) : IProgress<SelfTrainingProgress>
    {
        public void Report(SelfTrainingProgress value) => report(value);
    }
}
