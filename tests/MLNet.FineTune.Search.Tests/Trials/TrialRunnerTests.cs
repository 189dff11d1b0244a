using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
public sealed class TrialRunnerTests
{
    private static readonly TrialRunnerOptions Options = new() { MaxTrials = 10, Seed = 3, LeaseDuration = TimeSpan.FromMilliseconds(400) };

    private readonly SearchStorage _storage = SearchStorage.InMemory();

    [TestCleanup]
    public void CleanUp() => _storage.Dispose();

    [TestMethod]
    public void Run_ToTheEnd_GivesTrialsFrontAndBest()
    {
        TrialRunResult result = Runner(Options, Studies.Two).Run(new HashSuggester(), Evaluate);

        Assert.AreEqual(SearchEnd.TrialsSpent, result.End);
        Assert.HasCount(10, result.Trials);
        Assert.AreEqual(result.Trials.Max(trial => trial.Values[0]), result.Best!.Values[0]);
        int[] front = [.. result.Trials.Where(a => !result.Trials.Any(b =>
            b.Values[0] >= a.Values[0] && b.Values[1] <= a.Values[1] && (b.Values[0] > a.Values[0] || b.Values[1] < a.Values[1]))).Select(trial => trial.Number)];
        CollectionAssert.AreEquivalent(front, result.Front.ToArray());
        Assert.IsNotNull(_storage.GetStudies().Single().Finished);
    }

    [TestMethod]
    public void Run_Parallel_GivesTheSameTrials()
    {
        using SearchStorage other = SearchStorage.InMemory();
        TrialRunResult one = Runner(Options, Studies.Two).Run(new HashSuggester(), Evaluate);
        var threads = new HashSet<int>();

        TrialRunResult four = new TrialRunner(other, Studies.Two, Options with { Parallelism = 4 }).Run(new HashSuggester(), (context, cancellation) =>
        {
            lock (threads)
                threads.Add(Environment.CurrentManagedThreadId);
            Thread.Sleep(5);
            return Evaluate(context, cancellation);
        });

        Assert.IsGreaterThan(1, threads.Count);
        CollectionAssert.AreEqual(one.Trials.SelectMany(trial => trial.Values).ToArray(), four.Trials.SelectMany(trial => trial.Values).ToArray());
    }

    [TestMethod]
    public void Run_Again_GoesOnToALargerBudget()
    {
        Runner(Options with { MaxTrials = 4 }).Run(new HashSuggester(), One);
        int evaluated = 0;

        TrialRunResult result = Runner(Options with { MaxTrials = 6 }).Run(new HashSuggester(), (context, cancellation) =>
        {
            evaluated++;
            return One(context, cancellation);
        });

        Assert.AreEqual(2, evaluated);
        Assert.HasCount(6, result.Trials);
    }

    [TestMethod]
    public void Run_SuggesterWithoutMore_EndsExhausted()
    {
        TrialRunResult result = Runner(Options with { MaxTrials = null }).Run(new HashSuggester(count: 3), One);

        Assert.AreEqual(SearchEnd.Exhausted, result.End);
        Assert.HasCount(3, result.Trials);
        Assert.IsNotNull(_storage.GetStudies().Single().Finished);
    }

    [TestMethod]
    public void Run_FixedTrials_ComeFirst()
    {
        TrialRunResult result = Runner(Options with { MaxTrials = 3 }, Studies.One with { FixedTrials = [Studies.Rank(999)] }).Run(new HashSuggester(), One);

        CollectionAssert.AreEqual(new[] { true, false, false }, result.Trials.Select(trial => trial.Parameters["rank"].Equals(999L)).ToArray());
    }

    [TestMethod]
    public void Run_TrialsThatFail_AreRecordedAndTheSearchGoesOn()
    {
        TrialRunResult result = Runner(Options with { MaxTrials = 7, MaxAttempts = 2 }).Run(new HashSuggester(), (context, _) => context.Number switch
        {
            0 => throw new InsufficientMemoryException("no room"),
            1 => TrialOutcome.Completed(double.NaN),
            2 => TrialOutcome.Completed(1, 2),
            3 => TrialOutcome.Failed("not today"),
            4 when context.Attempt == 1 => throw new IOException("a hiccup"),
            5 => throw new IOException("a broken disk"),
            _ => TrialOutcome.Completed(context.Number),
        });

        Assert.AreEqual(SearchEnd.TrialsSpent, result.End);
        Assert.AreEqual("System.InsufficientMemoryException: no room", result.Trials[0].Error);
        Assert.AreEqual(1, result.Trials[0].Attempts);
        Assert.AreEqual("Objective 'accuracy' is NaN; expected a finite number.", result.Trials[1].Error);
        StringAssert.Contains(result.Trials[2].Error, "gave 2 values; expected 1, for accuracy");
        Assert.AreEqual("not today", result.Trials[3].Error);
        Assert.AreEqual(TrialState.Completed, result.Trials[4].State);
        Assert.AreEqual(2, result.Trials[4].Attempts);
        Assert.IsNull(result.Trials[4].Error);
        Assert.AreEqual(TrialState.Failed, result.Trials[5].State);
        Assert.AreEqual(2, result.Trials[5].Attempts);
        Assert.AreEqual(6, result.Best!.Number);
        Assert.IsTrue(new[] { 0, 1, 2, 3, 5 }.All(number => result.Trials[number].State == TrialState.Failed));
    }

    [TestMethod]
    public void Run_Cancelled_ReturnsTheBestSoFarAndGivesTheTrialBack()
    {
        using var cancel = new CancellationTokenSource();
        TrialRunResult result = Runner(Options).Run(
            new HashSuggester(),
            (context, cancellation) =>
            {
                if (context.Number < 2)
                    return TrialOutcome.Completed(context.Number);
                cancel.Cancel();
                cancellation.ThrowIfCancellationRequested();
                return TrialOutcome.Failed("not reached");
            },
            cancel.Token);

        Assert.AreEqual(SearchEnd.Cancelled, result.End);
        Assert.AreEqual(1, result.Best!.Number);
        Assert.HasCount(3, result.Trials);
        Assert.AreEqual(TrialState.Waiting, result.Trials[2].State);
        Assert.AreEqual(0, result.Trials[2].Attempts);
        Assert.IsNull(_storage.GetStudies().Single().Finished);

        TrialRunResult rest = Runner(Options).Run(new HashSuggester(), One);
        Assert.HasCount(10, rest.Trials);
        Assert.IsTrue(rest.Trials.All(trial => trial.State == TrialState.Completed));
    }

    [TestMethod]
    public void Run_CancelledBefore_StartsNothing()
    {
        TrialRunResult result = Runner(Options).Run(new HashSuggester(), One, new CancellationToken(canceled: true));

        Assert.AreEqual(SearchEnd.Cancelled, result.End);
        Assert.IsEmpty(result.Trials);
        Assert.IsNull(result.Best);
    }

    [TestMethod]
    public void Run_TimeOver_EndsTheTrialInProgress()
    {
        TrialRunResult result = Runner(Options with { MaxTrials = null, MaxDuration = TimeSpan.FromMilliseconds(200) }).Run(new HashSuggester(), (context, cancellation) =>
        {
            if (context.Number > 0)
                cancellation.WaitHandle.WaitOne();
            cancellation.ThrowIfCancellationRequested();
            return TrialOutcome.Completed(1);
        });

        Assert.AreEqual(SearchEnd.TimeSpent, result.End);
        Assert.AreEqual(TrialState.Completed, result.Trials[0].State);
        Assert.AreEqual(TrialState.Waiting, result.Trials[1].State);
        Assert.IsGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(190), result.Elapsed);
    }

    [TestMethod]
    public void Run_StopRequested_EndsAfterTheTrialInProgress()
    {
        TrialRunResult result = Runner(Options).Run(new HashSuggester(), (context, _) =>
        {
            if (context.Number == 1)
                _storage.RequestStop("one");
            return TrialOutcome.Completed(1);
        });

        Assert.AreEqual(SearchEnd.Stopped, result.End);
        Assert.HasCount(2, result.Trials);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed));
    }

    [TestMethod]
    public void Run_LongTrial_KeepsItsLease()
    {
        TrialRunnerOptions options = Options with { MaxTrials = 1, LeaseDuration = TimeSpan.FromMilliseconds(150) };
        TrialRunResult result = Runner(options).Run(new HashSuggester(), (_, _) =>
        {
            for (int i = 0; i < 5; i++)
            {
                Thread.Sleep(100);
                var thief = new ClaimRequest("thief", TimeSpan.FromMinutes(1), MaxAttempts: 5, MaxTrials: 1);
                Assert.AreNotEqual(ClaimStatus.Claimed, _storage.Claim("one", thief, null).Status);
            }
            return TrialOutcome.Completed(1);
        });

        Assert.AreEqual(1, result.Trials.Single().Attempts);
        Assert.AreEqual(TrialState.Completed, result.Trials.Single().State);
    }

    [TestMethod]
    public void Run_WorkerOfAnEarlierRunVanished_ItsTrialIsDoneAgain()
    {
        _storage.CreateOrJoin(Studies.One);
        _storage.Claim("one", new ClaimRequest("gone", TimeSpan.FromMilliseconds(300), 3, 10), new Proposal(0, Studies.Rank(8)));

        TrialRunResult result = Runner(Options with { MaxTrials = 1 }).Run(new HashSuggester(), One);

        Assert.AreEqual(SearchEnd.TrialsSpent, result.End);
        Assert.AreEqual(TrialState.Completed, result.Trials.Single().State);
        Assert.AreEqual(2, result.Trials.Single().Attempts);
    }

    [TestMethod]
    public void Run_SuggesterThatFails_EndsTheRunWithItsError()
    {
        var error = new InvalidOperationException("no idea");

        Assert.AreSame(error, Assert.ThrowsExactly<InvalidOperationException>(() => Runner(Options with { Parallelism = 3 }).Run(new FailingSuggester(error), One)));
    }

    [TestMethod]
    public void Run_Seeds_AreEachTrialsOwnAndRepeat()
    {
        List<int> Seeds(int seed)
        {
            using SearchStorage storage = SearchStorage.InMemory();
            List<int> seeds = [];
            new TrialRunner(storage, Studies.One, Options with { Seed = seed }).Run(new HashSuggester(), (context, cancellation) =>
            {
                seeds.Add(context.Seed);
                return One(context, cancellation);
            });
            return seeds;
        }

        List<int> seeds = Seeds(1);
        Assert.HasCount(10, seeds.Distinct());
        CollectionAssert.AreEqual(seeds, Seeds(1));
        Assert.IsEmpty(seeds.Intersect(Seeds(2)));
    }

    [TestMethod]
    public void Report_WithAPruner_EndsHopelessTrials()
    {
        TrialRunnerOptions options = Options with { MaxTrials = 9, Pruner = new SuccessiveHalvingPruner { StartupTrials = 0, ReductionFactor = 3, MinResource = 1 } };
        // Accuracy falls with the number: each trial is worse than those before.
        TrialRunResult result = Runner(options).Run(new HashSuggester(), (context, _) =>
        {
            for (int step = 1; step <= 3; step++)
            {
                context.Report(step, -context.Number);
                if (context.Number % 2 == 0 && context.ShouldPrune)
                    return TrialOutcome.Pruned;
                context.ThrowIfPruned();
            }
            context.SetAttribute("epochs", 3L);
            return TrialOutcome.Completed(-context.Number);
        });

        CollectionAssert.AreEqual(new[] { 0 }, result.Trials.Where(trial => trial.State == TrialState.Completed).Select(trial => trial.Number).ToArray());
        Assert.AreEqual(8, result.Trials.Count(trial => trial is { State: TrialState.Pruned, Reports.Count: 1 }));
        Assert.AreEqual(3L, result.Trials[0].Attributes["epochs"]);
    }

    [TestMethod]
    public void Progress_TellsOfEachEvent()
    {
        var told = new Recorder();
        Runner(Options with { MaxTrials = 3, MaxDuration = TimeSpan.FromMinutes(5), Progress = told }, Studies.Two).Run(new HashSuggester(), (context, cancellation) =>
        {
            context.Report(1, 0.5);
            return context.Number == 1 ? TrialOutcome.Failed("no") : Evaluate(context, cancellation);
        });

        SearchProgress first = told.All[0], last = told.All[^1];
        Assert.AreEqual("two", first.Study);
        Assert.IsNull(first.Best);
        Assert.IsLessThanOrEqualTo(TimeSpan.FromMinutes(5), first.Remaining!.Value);
        Assert.IsTrue(told.All.Any(progress => progress.Running is [{ Number: 1, Reports.Count: 1 }]));
        Assert.AreEqual((2, 1, 0, 0), (last.Completed, last.Failed, last.Pruned, last.Waiting));
        Assert.IsEmpty(last.Running);
        Assert.IsGreaterThanOrEqualTo(1, last.FrontSize);
        Assert.IsNotNull(last.Best);
        Assert.AreEqual(TimeSpan.Zero, last.Remaining);
        Assert.AreEqual(3, last.MaxTrials);
    }

    [TestMethod]
    public void Validate_OptionsOutOfRange_AreNamed()
    {
        Check("MaxTrials is 0", Options with { MaxTrials = 0 });
        Check("MaxDuration", Options with { MaxDuration = TimeSpan.Zero });
        Check("Parallelism is 0", Options with { Parallelism = 0 });
        Check("MaxAttempts is 0", Options with { MaxAttempts = 0 });
        Check("LeaseDuration", Options with { LeaseDuration = TimeSpan.FromMilliseconds(1) });
        Check("ReductionFactor is 1", Options with { Pruner = new SuccessiveHalvingPruner { StartupTrials = 0, ReductionFactor = 1 } });
        Check("Worker is ''", Options with { Worker = "" });

        static void Check(string expected, TrialRunnerOptions options) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(options.Validate).Message, expected);
    }

    private TrialRunner Runner(TrialRunnerOptions options, StudyDefinition? definition = null) => new(_storage, definition ?? Studies.One, options);

    private static TrialOutcome One(TrialContext context, CancellationToken cancellation) =>
        TrialOutcome.Completed(context.Parameters.ContainsKey("rate") ? HashSuggester.Evaluate(context.Parameters)[0] : 0);

    private static TrialOutcome Evaluate(TrialContext context, CancellationToken cancellation) => TrialOutcome.Completed(HashSuggester.Evaluate(context.Parameters));

    private sealed class FailingSuggester(Exception error) : ITrialSuggester
    {
        public IReadOnlyDictionary<string, object>? Propose(IReadOnlyList<TrialRecord> past, int number, int seed) => number < 2 ? Studies.Rank(number) : throw error;
    }

    private sealed class Recorder : IProgress<SearchProgress>
    {
        public List<SearchProgress> All { get; } = [];

        public void Report(SearchProgress value) => All.Add(value);
    }
}
