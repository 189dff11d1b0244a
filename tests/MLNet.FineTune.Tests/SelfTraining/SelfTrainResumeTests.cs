using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.SelfTraining;

/// <summary>A self-training whose process is killed, or that is cancelled, goes on as if nothing had happened.</summary>
[TestClass]
public sealed class SelfTrainResumeTests
{
    public const string TrainVerb = "self-train";

    private const string StepFile = "steps.txt", ResultFile = "result.txt";

    /// <summary>Killed by SIGKILL after a random step, at whatever instruction the process is at; scores and reports equal the unbroken run's to the bit.</summary>
    [TestMethod]
    [DataRow("pseudo")]
    [DataRow("cosine")]
    public async Task A_killed_self_training_resumes_exactly(string method)
    {
        using var unbroken = new TemporaryFolder();
        Train(unbroken.Path, method, checkpoints: false, delay: 0);
        int steps = File.ReadAllLines(unbroken.File(StepFile)).Length;

        using var folder = new TemporaryFolder();
        int step = Random.Shared.Next(3, steps - 2);
        string what = $"killed after step {step} of {steps}";
        using (Process process = ChildProcess.Start(TrainVerb, $"{folder.Path}|{method}"))
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            while (!process.HasExited && Steps(folder) < step)
                await Task.Delay(2);
            bool alive = !process.HasExited;
            process.Kill();
            await process.WaitForExitAsync();
            Assert.IsTrue(alive, $"the training ended by itself: {await error}");
            await output;
        }
        Assert.IsFalse(File.Exists(folder.File(ResultFile)));
        int before = Steps(folder);
        await ChildProcess.RunAsync(TrainVerb, $"{folder.Path}|{method}");
        Assert.AreEqual(File.ReadAllText(unbroken.File(ResultFile)), File.ReadAllText(folder.File(ResultFile)), what);
        Assert.IsLessThan(steps + 12, Steps(folder), $"{what}: {before} steps before, and at most those since the last checkpoint were taken again");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_cancelled_distillation_resumes_exactly(bool givenTeacher)
    {
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(new MLContext(3), Tiny.Options(epochs: 1));
        var method = new SelfDistillation { Teacher = givenTeacher ? teacher : null, Encoder = Tiny.Encoder(layers: 2, dropout: 0.1), Temperature = 2, LabeledWeight = 0.5, FineTuneStudent = true };
        (float[][] Scores, int Steps) Fit(TemporaryFolder folder, int cancelAt = int.MaxValue)
        {
            var ml = new MLContext(7);
            int steps = 0;
            SelfTrainingOptions options = Options(ml, method, folder.Path);
            options.Training.Progress = new Sink<TrainingProgress>(_ =>
            {
                if (++steps == cancelAt)
                    ml.Cancel();
            });
            using MulticlassTextClassificationTransformer model = ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(ml, Tiny.Make(40)));
            return (Tiny.Scores(model, Tiny.Load(ml, Tiny.Make(10, seed: 3))), steps);
        }

        using var whole = new TemporaryFolder();
        var (expected, all) = Fit(whole);
        foreach (int step in new[] { 3, all / 2, all - 1 })
        {
            using var folder = new TemporaryFolder();
            Assert.ThrowsExactly<OperationCanceledException>(() => Fit(folder, step), $"step {step} of {all}");
            Tiny.AssertSame(expected, Fit(folder).Scores);
        }
        Assert.AreEqual(0, Fit(whole).Steps, "a finished run gives its result at once");

        if (!givenTeacher)
            return;
        using MulticlassTextClassificationTransformer other = Tiny.Fit(new MLContext(4), Tiny.Options(epochs: 1));
        method = method with { Teacher = other };
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => Fit(whole));
        StringAssert.Contains(e.Message, "SelfDistillation.Teacher");
    }

    /// <summary>The child: trains in the folder that the argument names, slowly enough to be killed.</summary>
    public static void TrainInChild(string argument)
    {
        string[] parts = argument.Split('|');
        Train(parts[0], parts[1], checkpoints: true, delay: 10);
    }

    private static void Train(string folder, string method, bool checkpoints, int delay)
    {
        var ml = new MLContext(11);
        using var steps = new StreamWriter(File.Open(Path.Combine(folder, StepFile), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(
            ml, method == "cosine" ? new Cosine { InitialSteps = 10, Steps = 20, UpdateEverySteps = 4, ConfidenceThreshold = 0.02 } : new PseudoLabelPretraining { Rounds = 2 },
            checkpoints ? Path.Combine(folder, "checkpoint") : null);
        options.Training.ValidationFraction = 0.2;
        options.Progress = new Sink<SelfTrainingProgress>(reports.Add);
        options.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            steps.WriteLine(progress.Step);
            Thread.Sleep(delay);
        });
        using MulticlassTextClassificationTransformer model = ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(ml, Tiny.Make(40)));
        IEnumerable<string> lines = Tiny.Scores(model, Tiny.Load(ml, Rows.Make(20))).Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture))))
            .Concat(reports.Select(report => $"{report with { KeptPerClass = [] }} {string.Join(' ', report.KeptPerClass)}"));
        File.WriteAllText(Path.Combine(folder, ResultFile), string.Join('\n', lines));
    }

    private static SelfTrainingOptions Options(MLContext ml, SelfTrainingMethod method, string? checkpoints)
    {
        TextClassificationOptions tiny = Tiny.Options(epochs: 2);
        (tiny.Training.CheckpointDirectory, tiny.Training.CheckpointEverySteps) = (checkpoints, 3);
        return new SelfTrainingOptions
        {
            Sentence1ColumnName = tiny.Sentence1ColumnName,
            Encoder = Tiny.Encoder(dropout: 0.1),
            Peft = tiny.Peft,
            Precision = tiny.Precision,
            Training = tiny.Training,
            Method = method,
            Unlabeled = Tiny.Load(ml, Tiny.Make(30, seed: 9)),
            UnlabeledLabelColumnName = nameof(Row.Intent),
        };
    }

    private static int Steps(TemporaryFolder folder)
    {
        if (!File.Exists(folder.File(StepFile)))
            return 0;
        using var reader = new StreamReader(File.Open(folder.File(StepFile), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Count(c => c == '\n');
    }
}
