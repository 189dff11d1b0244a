using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>A training whose process is killed goes on from its checkpoint as if nothing had happened.</summary>
[TestClass]
public sealed class ResumeTests
{
    public const string TrainVerb = "train";

    private const string LossFile = "losses.txt";
    private const int AfterLastStep = 31;
    private const string ScoreFile = "scores.txt";

    /// <summary>Killed by SIGKILL after a random step, at whatever instruction the process is at; loss curve and scores equal the unbroken run's to the bit.</summary>
    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    public async Task A_killed_training_resumes_exactly(string method)
    {
        using var unbroken = new TemporaryFolder();
        Train(unbroken.Path, method, checkpoints: false, delay: 0);

        using var folder = new TemporaryFolder();
        int step = Random.Shared.Next(4, 26);
        string what = $"killed after step {step}";
        await KillAfterAsync(step, folder, method);
        Assert.IsTrue(File.Exists(folder.File("checkpoint/training-checkpoint.safetensors")), what);
        await ChildProcess.RunAsync(TrainVerb, Argument(folder, method));

        Dictionary<int, string> expected = Losses(unbroken.File(LossFile)), found = Losses(folder.File(LossFile));
        CollectionAssert.AreEqual(Enumerable.Range(1, 30).ToArray(), expected.Keys.Where(key => key != AfterLastStep).Order().ToArray());
        CollectionAssert.AreEqual(expected.OrderBy(line => line.Key).ToArray(), found.OrderBy(line => line.Key).ToArray(), what);
        Assert.AreEqual(File.ReadAllText(unbroken.File(ScoreFile)), File.ReadAllText(folder.File(ScoreFile)), what);
        Assert.IsEmpty(Directory.GetFiles(folder.File("checkpoint")), "a finished training leaves no checkpoint and no temporary file");
    }

    /// <summary>A context without a seed draws another one in each process; a run with checkpoints must not, or it could never be resumed.</summary>
    [TestMethod]
    public void A_context_without_seed_can_resume()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Tiny.Load(new MLContext(), Tiny.Make(40));
        using var source = new CancellationTokenSource();
        int first = 0;
        TextClassificationOptions Options(CancellationToken token)
        {
            TextClassificationOptions options = Tiny.Options("lora", epochs: 2);
            options.Training.CheckpointDirectory = folder.Path;
            options.Training.CheckpointEverySteps = 2;
            options.Training.CancellationToken = token;
            options.Training.Progress = new Sink<TrainingProgress>(progress =>
            {
                first = first == 0 ? progress.Step : first;
                if (progress.Step == 6)
                    source.Cancel();
            });
            return options;
        }

        Assert.ThrowsExactly<OperationCanceledException>(() => new MLContext().MulticlassClassification.Trainers.FineTune(Options(source.Token)).Fit(data));
        first = 0;
        using var model = new MLContext().MulticlassClassification.Trainers.FineTune(Options(CancellationToken.None)).Fit(data);
        Assert.AreEqual(7, first);
    }

    /// <summary>The child: trains in the folder that the argument names, slowly enough to be killed.</summary>
    public static void TrainInChild(string argument)
    {
        string[] parts = argument.Split('|');
        Train(parts[0], parts[1], checkpoints: true, delay: 10);
    }

    /// <summary>With dropout, accumulation, validation and best weights: all that has a state.</summary>
    private static void Train(string folder, string method, bool checkpoints, int delay)
    {
        var ml = new MLContext(11);
        using var losses = new StreamWriter(File.Open(Path.Combine(folder, LossFile), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        TextClassificationOptions options = Tiny.Options(method, pairs: true, epochs: 6, encoder: Tiny.Encoder(dropout: 0.1));
        options.Training.AccumulationSteps = 2;
        options.Training.EvaluateEverySteps = 4;
        options.Training.ValidationFraction = 0.2;
        options.Training.CheckpointEverySteps = 3;
        options.Training.CheckpointDirectory = checkpoints ? Path.Combine(folder, "checkpoint") : null;
        int last = 0;
        options.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            // The last step is reported again with the last evaluation.
            int key = progress.Step == last ? AfterLastStep : last = progress.Step;
            losses.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key} {progress.Loss:R} {progress.GradientNorm:R} {progress.LearningRate:R} {progress.ValidationMetric:R}"));
            Thread.Sleep(delay);
        });
        using MulticlassTextClassificationTransformer model = Tiny.Fit(ml, options, rows: 90);
        File.WriteAllText(Path.Combine(folder, ScoreFile), string.Join('\n', Tiny.Scores(model, Tiny.Load(ml, Rows.Make(20)))
            .Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture))))));
    }

    private static string Argument(TemporaryFolder folder, string method) => $"{folder.Path}|{method}";

    private static async Task KillAfterAsync(int step, TemporaryFolder folder, string method)
    {
        using Process process = ChildProcess.Start(TrainVerb, Argument(folder, method));
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && (!File.Exists(folder.File(LossFile)) || Losses(folder.File(LossFile)).Keys.DefaultIfEmpty(0).Max() < step))
            await Task.Delay(2);
        bool alive = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        Assert.IsTrue(alive, $"the training ended by itself: {await error}");
        await output;
    }

    /// <summary>The report of each step. A step that was repeated after a kill must have been reported the same.</summary>
    private static Dictionary<int, string> Losses(string path)
    {
        using var reader = new StreamReader(File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = reader.ReadToEnd();
        var losses = new Dictionary<int, string>();
        // A line that is cut off at the end was being written when the process was killed.
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int step = int.Parse(line[..line.IndexOf(' ')], CultureInfo.InvariantCulture);
            if (!losses.TryAdd(step, line))
                Assert.AreEqual(losses[step], line, $"step {step} gave another loss when it was repeated");
        }
        return losses;
    }
}
