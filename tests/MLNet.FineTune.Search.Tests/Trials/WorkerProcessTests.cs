using System.Diagnostics;
using System.Globalization;
using MLNet.FineTune.Search.Tests.Fixtures;
using MLNet.FineTune.Tests;

namespace MLNet.FineTune.Search.Tests.Trials;

/// <summary>Three processes work on one search, and one of them is killed, or stopped for a while, in the middle of a trial.</summary>
[TestClass]
public sealed class WorkerProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [TestMethod]
    public async Task Killed_Sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillOneOfThree(folder.File("trials.db"));
    }

    [TestMethod]
    public async Task Killed_Postgres() => await KillOneOfThree(PostgresServer.CreateSchema());

    [TestMethod]
    public async Task Suspended_Sqlite()
    {
        using var folder = new TemporaryFolder();
        await SuspendOneOfThree(folder.File("trials.db"));
    }

    [TestMethod]
    public async Task Suspended_Postgres() => await SuspendOneOfThree(PostgresServer.CreateSchema());

    private static async Task KillOneOfThree(string connectionString)
    {
        using SearchStorage storage = SearchStorage.Open(connectionString);
        storage.CreateOrJoin(Studies.Two);
        using Process unlucky = WorkerProcess.Start(connectionString, "unlucky", hang: true);
        using Process b = WorkerProcess.Start(connectionString, "b"), c = WorkerProcess.Start(connectionString, "c");
        WorkerProcess.Release(unlucky, b, c);
        var observer = new Observer(storage);
        int hanging = observer.WaitForHangingTrial();

        unlucky.Kill();

        await observer.WaitFor(b, c);
        CheckTrials(storage, hanging);
    }

    private static async Task SuspendOneOfThree(string connectionString)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Skipped: Windows has no SIGSTOP.");
        using SearchStorage storage = SearchStorage.Open(connectionString);
        storage.CreateOrJoin(Studies.Two);
        using Process sleeper = WorkerProcess.Start(connectionString, "sleeper", hang: true);
        using Process b = WorkerProcess.Start(connectionString, "b"), c = WorkerProcess.Start(connectionString, "c");
        WorkerProcess.Release(sleeper, b, c);
        var observer = new Observer(storage);
        int hanging = observer.WaitForHangingTrial();

        Signal("STOP", sleeper);
        await observer.WaitFor(b, c);
        Signal("CONT", sleeper);

        // It learns that its trial was taken over, leaves it and finds that nothing is left to do.
        await observer.WaitFor(sleeper);
        CheckTrials(storage, hanging);
    }

    private static void CheckTrials(SearchStorage storage, int takenOver)
    {
        IReadOnlyList<TrialRecord> trials = storage.GetTrials("two");
        CollectionAssert.AreEqual(Enumerable.Range(0, WorkerProcess.Trials).ToArray(), trials.Select(trial => trial.Number).ToArray());
        Assert.IsTrue(trials.All(trial => trial.State == TrialState.Completed));
        Assert.AreEqual(2, trials[takenOver].Attempts);
        Assert.IsTrue(trials[takenOver].Worker is "b" or "c");
        Assert.IsNotNull(storage.GetStudies().Single().Finished);
        Assert.IsGreaterThanOrEqualTo(2, trials.Select(trial => trial.Worker).Distinct().Count());

        using SearchStorage memory = SearchStorage.InMemory();
        TrialRunResult alone = new TrialRunner(memory, Studies.Two, new TrialRunnerOptions { MaxTrials = WorkerProcess.Trials, Seed = WorkerProcess.Seed })
            .Run(new HashSuggester(), (context, _) => TrialOutcome.Completed(HashSuggester.Evaluate(context.Parameters)));
        CollectionAssert.AreEqual(alone.Trials.Select(Describe).ToArray(), trials.Select(Describe).ToArray());
    }

    private static string Describe(TrialRecord trial) =>
        $"{trial.Number}: {ParameterJson.Write(trial.Parameters)} → {string.Join(", ", trial.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}";

    private static void Signal(string name, Process process)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.AreEqual(0, kill.ExitCode);
    }

    /// <summary>Watches the trials as another process would: what is finished must stay as it is.</summary>
    private sealed class Observer(SearchStorage storage)
    {
        private readonly Dictionary<int, TrialRecord> _finished = [];
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private long _version;

        public int WaitForHangingTrial()
        {
            while (true)
            {
                if (Look().FirstOrDefault(trial => trial.Attributes.ContainsKey(WorkerProcess.Hanging)) is { } trial)
                    return trial.Number;
                Pause();
            }
        }

        public async Task WaitFor(params Process[] processes)
        {
            while (!processes.All(process => process.HasExited))
            {
                Look();
                Pause();
            }
            Look();
            foreach (Process process in processes)
                Assert.AreEqual(0, process.ExitCode, await process.StandardError.ReadToEndAsync());
        }

        private IReadOnlyList<TrialRecord> Look()
        {
            TrialChanges changes = storage.ListTrials("two", _version);
            _version = changes.Version;
            foreach (TrialRecord trial in changes.Trials)
            {
                Assert.IsFalse(_finished.ContainsKey(trial.Number), $"Trial {trial.Number} changed after its end.");
                if (trial.IsFinished)
                    _finished[trial.Number] = trial;
            }
            return changes.Trials;
        }

        private void Pause()
        {
            Assert.IsLessThan(Limit, _clock.Elapsed, "The workers take too long.");
            Thread.Sleep(10);
        }
    }
}
