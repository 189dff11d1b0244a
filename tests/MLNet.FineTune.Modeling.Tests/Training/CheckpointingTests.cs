using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CsCheck;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class CheckpointingTests
{
    private const int Steps = 30;

    private static TrainingOptions Options(string? directory, int every = 1) => new()
    {
        MaxSteps = Steps,
        LearningRate = 1e-2,
        AccumulationSteps = 2,
        EvaluateEverySteps = 4,
        EarlyStoppingPatience = 100,
        CheckpointDirectory = directory,
        CheckpointEverySteps = every,
    };

    [TestMethod]
    public void AResumedRunEqualsTheUnbrokenRunBitForBit()
    {
        (List<double> expectedLosses, float[] expectedWeights, double? expectedBest) = Run(null, int.MaxValue);
        Gen.Select(Gen.Int[1, Steps], Gen.Int[1, 5], Gen.Int[1, Steps]).Sample((stop, every, second) =>
        {
            using var folder = new TemporaryFolder();
            // Stopped twice, at any step, with checkpoints at any interval; the noise between is what other work in the process does.
            (List<double> first, _, _) = Run(folder.Path, stop, every);
            manual_seed(99);
            (List<double> middle, _, _) = Run(folder.Path, Math.Max(stop, second), every);
            rand(3).Dispose();
            (List<double> last, float[] weights, double? best) = Run(folder.Path, int.MaxValue, every);

            int resumed = Steps - last.Count;
            CollectionAssert.AreEqual(expectedLosses[..first.Count], first);
            CollectionAssert.AreEqual(expectedLosses[resumed..], last);
            CollectionAssert.AreEqual(expectedWeights, weights);
            Assert.AreEqual(expectedBest, best);
            Assert.HasCount(0, Directory.GetFiles(folder.Path), "a finished run leaves no checkpoint");
        }, iter: 6, threads: 1, seed: "0N0XIzNsQ0O2");
    }

    [TestMethod]
    public void AKilledProcessResumesToTheSameLossesAndWeights()
    {
        var expected = new Dictionary<int, double>();
        float[] weights = ResumeChild.Train(null, state => expected[state.Step] = state.Loss);

        using var folder = new TemporaryFolder();
        string losses = folder.File(ResumeChild.LossFile);
        foreach (int killAfter in new[] { 3, 31 })
        {
            using Process child = Start(folder.Path);
            var patience = Stopwatch.StartNew();
            while (LastStep(losses) < killAfter)
            {
                Assert.IsFalse(child.HasExited, $"the child ended at step {LastStep(losses)} before it was killed at {killAfter}");
                Assert.IsLessThan(60, patience.Elapsed.TotalSeconds, "the child makes no progress");
                Thread.Sleep(1);
            }
            child.Kill(); // SIGKILL
            child.WaitForExit();
        }
        using Process last = Start(folder.Path);
        last.WaitForExit();
        Assert.AreEqual(0, last.ExitCode);

        var seen = new HashSet<int>();
        foreach ((int step, double loss) in ReadLosses(losses))
        {
            Assert.AreEqual(expected[step], loss, $"step {step}");
            seen.Add(step);
        }
        Assert.HasCount(expected.Count, seen);
        float[] resumedWeights = [.. MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder.File(ResumeChild.WeightFile)))];
        CollectionAssert.AreEqual(weights, resumedWeights);
        Assert.HasCount(0, Directory.GetFiles(folder.File("checkpoint")));
    }

    [TestMethod]
    public void ACheckpointOfAnotherTrainingIsRefusedNamingTheDifference()
    {
        using var folder = new TemporaryFolder();
        Run(folder.Path, stopAt: 3);
        byte[] checkpoint = File.ReadAllBytes(Directory.GetFiles(folder.Path).Single());

        TrainingOptions options = Options(folder.Path);
        options.LearningRate = 2e-2;
        using var toy = new Toy();
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TrainingLoop.Run(toy.Task(validator: new ScriptedValidator(true, 1)), options));
        StringAssert.Contains(e.Message, "LearningRate: checkpoint 0.01, this run 0.02");
        StringAssert.Contains(e.Message, folder.Path);

        e = Assert.ThrowsExactly<InvalidDataException>(() => TrainingLoop.Run(toy.Task(validator: new ScriptedValidator(true, 1), data: "other"), Options(folder.Path)));
        StringAssert.Contains(e.Message, "data: checkpoint toy, this run other");

        toy.Groups = [toy.Groups[0]];
        e = Assert.ThrowsExactly<InvalidDataException>(() => TrainingLoop.Run(toy.Task(validator: new ScriptedValidator(true, 1)), Options(folder.Path)));
        StringAssert.Contains(e.Message, "parameter hidden.bias");
        CollectionAssert.AreEqual(checkpoint, File.ReadAllBytes(Directory.GetFiles(folder.Path).Single()), "the refused checkpoint must survive");
    }

    [TestMethod]
    public void AMetricThatIsNotANumberCanBeCheckpointed()
    {
        using var folder = new TemporaryFolder();
        using var toy = new Toy();
        var validator = new ScriptedValidator(true, double.NaN);
        TrainingLoop.Run(toy.Task(validator: validator), Options(folder.Path));
        Assert.AreEqual(8, validator.Evaluations); // steps 4, 8 … 28 and 30
    }

    [TestMethod]
    [DataRow(13)]
    [DataRow(15)]
    public void PatienceAndBestWeightsSurviveAResume(int stopAt)
    {
        using var folder = new TemporaryFolder();
        float[] best = [];
        using (var toy = new Toy())
        {
            using var source = new CancellationTokenSource();
            TrainingOptions options = Options(folder.Path);
            (options.EarlyStoppingPatience, options.CancellationToken) = (3, source.Token);
            var recorder = new Recorder
            {
                AfterStep = state =>
                {
                    best = state.Step == 4 ? toy.Weights() : best;
                    if (state.Step == stopAt)
                        throw new TimeoutException(); // before this step is checkpointed
                },
            };
            Assert.ThrowsExactly<TimeoutException>(() => TrainingLoop.Run(
                toy.Task(validator: new ScriptedValidator(true, 0.5, 0.4), callbacks: [recorder]), options));
        }
        using var resumed = new Toy(seed: 2); // other weights, to be replaced
        TrainingOptions same = Options(folder.Path);
        same.EarlyStoppingPatience = 3;
        TrainingResult result = TrainingLoop.Run(resumed.Task(validator: new ScriptedValidator(true, 0.4), callbacks: [new Recorder()]), same);
        Assert.AreEqual(StopReason.EarlyStopping, result.Reason);
        Assert.AreEqual(16, result.Steps);
        Assert.AreEqual(0.5, result.BestValidationMetric);
        CollectionAssert.AreEqual(best, resumed.Weights());
    }

    [TestMethod]
    public void ARunKilledAfterItsPatienceTakesNoFurtherStep()
    {
        using var folder = new TemporaryFolder();
        using var toy = new Toy();
        TrainingOptions options = Options(folder.Path);
        options.EarlyStoppingPatience = 2;
        // The store fails to delete: the last checkpoint stays, as after a kill at that point.
        var store = new UndeletableStore(new FileCheckpointStore(folder.Path));
        TrainingTask Task(Toy on, ITrainingCallback callback, IValidator validator) => new()
        {
            Groups = on.Groups, Objective = on.Task().Objective, Sampler = on.Task().Sampler, Callbacks = [callback],
            Validator = validator, CheckpointStore = store,
        };
        TrainingResult first = TrainingLoop.Run(Task(toy, new Recorder(), new ScriptedValidator(true, 0.5, 0.4)), options);
        using var again = new Toy(seed: 2);
        var idle = new ScriptedValidator(true, 9);
        var recorder = new Recorder();
        TrainingResult second = TrainingLoop.Run(Task(again, recorder, idle), options);
        Assert.AreEqual(12, first.Steps);
        Assert.AreEqual((first.Steps, first.Reason, first.BestValidationMetric), (second.Steps, second.Reason, second.BestValidationMetric));
        Assert.HasCount(0, recorder.Losses);
        Assert.AreEqual(0, idle.Evaluations);
        CollectionAssert.AreEqual(toy.Weights(), again.Weights());
    }

    [TestMethod]
    public void ResumeCanBeTurnedOff()
    {
        using var folder = new TemporaryFolder();
        Run(folder.Path, stopAt: 3);
        TrainingOptions options = Options(folder.Path);
        options.ResumeFromCheckpoint = false;
        options.LearningRate = 2e-2;
        using var toy = new Toy();
        var recorder = new Recorder();
        TrainingLoop.Run(toy.Task(validator: new ScriptedValidator(true, 1), callbacks: [recorder]), options);
        Assert.HasCount(Steps, recorder.Losses);
    }

    [TestMethod]
    public void ATruncatedCheckpointIsAnErrorThatNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        Run(folder.Path, stopAt: 3);
        string file = Directory.GetFiles(folder.Path).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^100]);
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => Run(folder.Path, Steps));
        StringAssert.Contains(e.Message, file);
    }

    [TestMethod]
    public void CancellationKeepsTheLastCheckpointAndNoTemporaryFile()
    {
        using var folder = new TemporaryFolder();
        Run(folder.Path, stopAt: 5, every: 2);
        string[] files = Directory.GetFiles(folder.Path);
        Assert.HasCount(1, files);
        Assert.AreEqual("training-checkpoint.safetensors", Path.GetFileName(files[0]));
    }

    [TestMethod]
    public void LeftoversOfAKilledSaveAreRemoved()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(".training-checkpoint.safetensors.1.abc"), "half a checkpoint");
        File.WriteAllText(folder.File("mine.txt"), "not ours");
        Run(folder.Path, stopAt: 1);
        CollectionAssert.AreEquivalent(
            (string[])["mine.txt", "training-checkpoint.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());
    }

    /// <summary>Trains until the step after which it is cancelled.</summary>
    private static (List<double> Losses, float[] Weights, double? Best) Run(string? directory, int stopAt, int every = 1)
    {
        using var toy = new Toy();
        using var source = new CancellationTokenSource();
        var recorder = new Recorder { AfterStep = state => { if (state.Step >= stopAt) source.Cancel(); } };
        TrainingOptions options = Options(directory, every);
        options.CancellationToken = source.Token;
        double? best = null;
        try
        {
            best = TrainingLoop.Run(toy.Task(callbacks: [recorder], validator: new AccuracyValidator(toy)), options).BestValidationMetric;
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested)
        {
            // What the test asked for.
        }
        return (recorder.Losses, toy.Weights(), best);
    }

    private static Process Start(string folder)
    {
        string program = Environment.ProcessPath!;
        bool host = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (host)
            start.ArgumentList.Add(typeof(CheckpointingTests).Assembly.Location);
        start.Environment[ResumeChild.Variable] = folder;
        return Process.Start(start)!;
    }

    private static int LastStep(string file) => ReadLosses(file).Select(entry => entry.Step).LastOrDefault();

    private static List<(int Step, double Loss)> ReadLosses(string file)
    {
        if (!File.Exists(file))
            return [];
        using var reader = new StreamReader(File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .Select(parts => (int.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture)))];
    }

    private sealed class UndeletableStore(ICheckpointStore store) : ICheckpointStore
    {
        public string Location => store.Location;

        public void Save(StateBag contents) => store.Save(contents);

        public StateBag? Load() => store.Load();

        public void Delete()
        {
        }
    }

    private sealed class AccuracyValidator(Toy toy) : IValidator
    {
        public bool HigherIsBetter => true;

        public double Evaluate(Action checkAlive) => toy.Accuracy();
    }
}
