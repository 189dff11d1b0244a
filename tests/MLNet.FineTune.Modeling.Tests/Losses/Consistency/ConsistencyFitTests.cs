using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Peft;

namespace MLNet.FineTune.Tests.Losses.Consistency;

[TestClass]
public sealed class ConsistencyFitTests
{
    private const string Drop = "r-drop", Adversarial = "smart(epsilon=0.05, noise_deviation=0.01, step_size=0.02, proximal_weight=0.5)";

    [TestMethod]
    [DataRow("full", Drop)]
    [DataRow("full", Adversarial)]
    [DataRow("lora-all-linear", Drop)]
    [DataRow("lora-all-linear", Adversarial)]
    public void LearnsTheTinyTask(string method, string regularization)
    {
        using TextClassifier classifier = FineTuner.Fit(Task(method, regularization, TinyTexts.Options(epochs: 10), regularization == Drop ? 0.1 : 0));
        Assert.IsGreaterThanOrEqualTo(0.75, TinyTexts.Accuracy(classifier, TinyTexts.Train));
    }

    public static IEnumerable<object[]> Methods => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void EveryMethodTrainsWithIt(string method)
    {
        foreach (string regularization in new[] { Drop, Adversarial })
        {
            double? loss = null;
            TrainingOptions options = TinyTexts.Options();
            (options.MaxSteps, options.Progress) = (2, new Report(p => loss = p.Loss));
            FineTuner.Fit(Task(method, regularization, options)).Dispose();
            Assert.IsTrue(double.IsFinite(loss!.Value), regularization);
        }
    }

    [TestMethod]
    public void TheTermsAreAddedToTheLoss()
    {
        double First(string? regularization)
        {
            double first = 0;
            TrainingOptions options = TinyTexts.Options();
            (options.MaxSteps, options.Progress) = (1, new Report(p => first = p.Loss));
            FineTuner.Fit(Task("full", regularization, options, dropout: 0)).Dispose();
            return first;
        }

        double alone = First(null);
        Assert.AreEqual(alone, First("smart(weight=0.001, epsilon=1e-6, noise_deviation=1e-6)"), 1e-5);
        Assert.IsGreaterThan(alone + 1e-4, First("smart(weight=10, epsilon=0.1, noise_deviation=0.1, step_size=0.1)"));
    }

    [TestMethod]
    public void MovedWordsGoThroughTheFrozenLayersEachTime()
    {
        Dictionary<string, byte[]> Run(int megabytes)
        {
            TrainingOptions options = TinyTexts.Options();
            (options.FrozenStateMegabytes, options.MaxSteps) = (megabytes, 15);
            using TextClassifier classifier = FineTuner.Fit(Task("head", Adversarial, options));
            return TinyTexts.Save(classifier);
        }

        Dictionary<string, byte[]> kept = Run(64), computed = Run(0);
        foreach (string file in kept.Keys)
            CollectionAssert.AreEqual(computed[file], kept[file], file);
    }

    [TestMethod]
    [DataRow("lora-all-linear", Drop)]
    [DataRow("lora-all-linear", Adversarial)]
    [DataRow("chain-of-lora", Adversarial)]
    public void AResumedFitEqualsTheUnbrokenOne(string method, string regularization)
    {
        float[] Run(string directory, int stopAt, string asked)
        {
            using var source = new CancellationTokenSource();
            TrainingOptions options = TinyTexts.Options();
            (options.MaxSteps, options.AccumulationSteps, options.CancellationToken) = (14, 2, source.Token);
            (options.CheckpointDirectory, options.CheckpointEverySteps) = (directory, 3);
            options.Progress = new Report(p => { if (p.Step == stopAt) source.Cancel(); });
            using TextClassifier classifier = FineTuner.Fit(Task(method, asked, options));
            return TinyTexts.Scores(classifier, TinyTexts.Test.Inputs);
        }

        using TemporaryFolder folder = new(), whole = new();
        float[] expected = Run(whole.Path, -1, regularization);
        Assert.ThrowsExactly<OperationCanceledException>(() => Run(folder.Path, stopAt: 8, regularization));
        string other = regularization == Drop ? "r-drop(weight=2)" : "smart";
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Run(folder.Path, -1, other)).Message, $"objective: checkpoint {regularization}, this run {other}");
        CollectionAssert.AreEqual(expected, Run(folder.Path, -1, regularization));
    }

    [TestMethod]
    [DataRow(Drop)]
    [DataRow(Adversarial)]
    public void NoTensorIsLeftOver(string regularization)
    {
        var counts = new List<long>();
        TrainingOptions options = TinyTexts.Options();
        (options.MaxSteps, options.Progress) = (12, new Report(_ => counts.Add(LiveTensors.Count())));
        FineTuneTask task = Task("lora-all-linear", regularization, options);
        long before = LiveTensors.Count();
        FineTuner.Fit(task).Dispose();
        Assert.AreEqual(before, LiveTensors.Count());
        Assert.AreEqual(counts[1], counts[^1], "a step leaves nothing");
    }

    private static FineTuneTask Task(string method, string? regularization, TrainingOptions options, double dropout = 0.1) =>
        TinyTexts.Task(MethodCases.All.Single(row => row.Name == method).Create(), options, TinyTexts.Scratch(dropout)) with
        {
            Consistency = regularization is null ? null : ConsistencyRegularization.Parse(regularization),
        };

    /// <summary>As <see cref="Progress{T}"/>, but at once.</summary>
    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
