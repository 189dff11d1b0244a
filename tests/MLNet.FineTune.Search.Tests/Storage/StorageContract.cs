using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests.Storage;

/// <summary>What every storage must do.</summary>
public abstract class StorageContract
{
    private static readonly ClaimRequest Request = new("worker", TimeSpan.FromMinutes(1), MaxAttempts: 2, MaxTrials: 100);
    private static readonly ClaimRequest Brief = Request with { Worker = "brief", LeaseDuration = TimeSpan.FromMilliseconds(1) };

    private SearchStorage _storage = null!;

    [TestInitialize]
    public void Initialize() => _storage = OpenFirst();

    [TestCleanup]
    public void CleanUp() => _storage?.Dispose();

    [TestMethod]
    public void CreateOrJoin_Twice_IsOneStudy()
    {
        SearchStudy created = _storage.CreateOrJoin(Studies.Two), joined = _storage.CreateOrJoin(Studies.Two);

        Assert.AreEqual(created.Created, joined.Created);
        Assert.AreEqual("two", joined.Name);
        CollectionAssert.AreEqual(Studies.Two.Objectives.ToArray(), joined.Objectives.ToArray());
        CollectionAssert.AreEquivalent(Studies.Two.Settings.ToArray(), joined.Settings.ToArray());
        Assert.IsLessThan(TimeSpan.FromMinutes(1), (DateTimeOffset.UtcNow - joined.Created).Duration());
        Assert.IsNull(joined.Finished);
        Assert.HasCount(1, _storage.GetStudies());
    }

    [TestMethod]
    public void CreateOrJoin_OtherSearchOfTheSameName_SaysWhatDiffers()
    {
        _storage.CreateOrJoin(Studies.Two);
        StudyDefinition other = Studies.Two with
        {
            Objectives = [Studies.Two.Objectives[0]],
            Settings = new Dictionary<string, string> { ["space"] = "rank 1..32", ["seed"] = "3", ["data"] = "9f86d081" },
        };

        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _storage.CreateOrJoin(other)).Message;

        StringAssert.Contains(message, "space there is 'rank 1..64', here 'rank 1..32'");
        StringAssert.Contains(message, "seed there is absent, here '3'");
        StringAssert.Contains(message, "parameters (smaller is better, at most 1000000), here accuracy (larger is better)");
        Assert.DoesNotContain("data there", message);
    }

    [TestMethod]
    public void CreateOrJoin_FixedTrials_WaitAndAreAddedOnce()
    {
        StudyDefinition definition = Studies.One with { FixedTrials = [Studies.Rank(8), Studies.Rank(16), Studies.Rank(8)] };
        _storage.CreateOrJoin(definition);
        _storage.CreateOrJoin(definition);

        IReadOnlyList<TrialRecord> trials = _storage.GetTrials("one");

        CollectionAssert.AreEqual(new long[] { 8, 16 }, trials.Select(trial => (long)trial.Parameters["rank"]).ToArray());
        Assert.IsTrue(trials.All(trial => trial is { State: TrialState.Waiting, Attempts: 0, Started: null, Worker: null }));
    }

    [TestMethod]
    public void Claim_Proposal_IsTakenOnlyForTheNextNumber()
    {
        _storage.CreateOrJoin(Studies.One);

        ClaimResult needed = _storage.Claim("one", Request, null);
        ClaimResult first = _storage.Claim("one", Request, new Proposal(0, Studies.Rank(1)));
        ClaimResult late = _storage.Claim("one", Request, new Proposal(0, Studies.Rank(2)));

        Assert.AreEqual(ClaimStatus.ProposalNeeded, needed.Status);
        Assert.AreEqual(0, needed.NextNumber);
        Assert.AreEqual(ClaimStatus.Claimed, first.Status);
        Assert.AreEqual(ClaimStatus.ProposalNeeded, late.Status);
        Assert.AreEqual(1, late.NextNumber);
        Assert.AreEqual(1, late.Running);
        TrialRecord trial = _storage.GetTrials("one").Single();
        Assert.AreEqual(TrialState.Running, trial.State);
        Assert.AreEqual("worker", trial.Worker);
        Assert.AreEqual(1, trial.Attempts);
        Assert.AreEqual(1L, trial.Parameters["rank"]);
        Assert.AreEqual(TimeSpan.FromMinutes(1), trial.LeaseExpires - trial.Started);
        Assert.AreEqual(trial.Parameters["rank"], first.Trial!.Parameters["rank"]);
    }

    [TestMethod]
    public void Claim_WaitingTrials_ComeFirstAndByNumber()
    {
        _storage.CreateOrJoin(Studies.One with { FixedTrials = [Studies.Rank(8)] });
        Assert.AreEqual(1, _storage.Enqueue("one", Studies.Rank(4)));
        Assert.AreEqual(0, _storage.Enqueue("one", Studies.Rank(8)), "the same parameters are the same trial");

        Assert.AreEqual(0, _storage.Claim("one", Request, new Proposal(2, Studies.Rank(1))).Trial!.Number);
        Assert.AreEqual(1, _storage.Claim("one", Request, new Proposal(2, Studies.Rank(1))).Trial!.Number);
        Assert.AreEqual(2, _storage.Claim("one", Request, new Proposal(2, Studies.Rank(1))).Trial!.Number);
    }

    [TestMethod]
    public void Claim_Budget_CountsStartedTrials()
    {
        _storage.CreateOrJoin(Studies.One with { FixedTrials = [Studies.Rank(8), Studies.Rank(16)] });
        ClaimRequest request = Request with { MaxTrials = 1 };

        TrialLease lease = _storage.Claim("one", request, null).Lease;
        ClaimResult spent = _storage.Claim("one", request, new Proposal(2, Studies.Rank(1)));
        _storage.Complete(lease, [1.0]);
        ClaimResult more = _storage.Claim("one", Request with { MaxTrials = 2 }, null);

        Assert.AreEqual(ClaimStatus.BudgetSpent, spent.Status);
        Assert.AreEqual(1, spent.Running);
        Assert.AreEqual(1, more.Trial!.Number);
    }

    [TestMethod]
    public void Complete_KeepsValuesAndTimes()
    {
        TrialLease lease = ClaimNew(Studies.Two, Request).Lease;

        Assert.IsTrue(_storage.Complete(lease, [0.1 + 0.2, 1e-300]));

        TrialRecord trial = _storage.GetTrials("two").Single();
        Assert.AreEqual(TrialState.Completed, trial.State);
        CollectionAssert.AreEqual(new[] { 0.1 + 0.2, 1e-300 }, trial.Values.ToArray());
        Assert.IsNull(trial.LeaseExpires);
        Assert.IsGreaterThanOrEqualTo(TimeSpan.Zero, trial.Duration!.Value);
        Assert.IsTrue(trial.IsFinished);
    }

    [TestMethod]
    public void Ends_SaidAgainByTheHolder_AreStillTrue()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;
        _storage.Complete(lease, [1.0]);

        Assert.IsTrue(_storage.Complete(lease, [1.0]));
        Assert.IsFalse(_storage.Prune(lease));
        Assert.IsFalse(_storage.Fail(lease, "late", maxAttempts: 1));
        Assert.IsFalse(_storage.Release(lease));
        Assert.AreEqual(TrialState.Completed, _storage.GetTrials("one").Single().State);
    }

    [TestMethod]
    public void Fail_KeepsTheErrorAndTriesAgainAsOftenAsMayBe()
    {
        TrialLease first = ClaimNew(Studies.One, Request).Lease;
        Assert.IsTrue(_storage.Fail(first, "disk\0 full \uD800" + new string('x', 10_000), maxAttempts: 2));
        TrialRecord waiting = _storage.GetTrials("one").Single();
        TrialLease second = _storage.Claim("one", Request, null).Lease;
        Assert.IsTrue(_storage.Fail(second, "disk still full", maxAttempts: 2));
        TrialRecord failed = _storage.GetTrials("one").Single();

        Assert.AreEqual(TrialState.Waiting, waiting.State);
        StringAssert.StartsWith(waiting.Error, "disk\uFFFD full \uFFFDxxx");
        Assert.IsLessThan(5_000, waiting.Error!.Length);
        Assert.IsGreaterThan(first.Token, second.Token);
        Assert.AreEqual(TrialState.Failed, failed.State);
        Assert.AreEqual("disk still full", failed.Error);
        Assert.AreEqual(2, failed.Attempts);
    }

    [TestMethod]
    public void Prune_EndsATrialWithItsReports()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;
        _storage.Report(lease, 1, 0.5);

        Assert.IsTrue(_storage.Prune(lease));

        TrialRecord trial = _storage.GetTrials("one").Single();
        Assert.AreEqual(TrialState.Pruned, trial.State);
        Assert.HasCount(1, trial.Reports);
        Assert.IsEmpty(trial.Values);
    }

    [TestMethod]
    public void Release_GivesTheTrialAndItsBudgetBack()
    {
        TrialLease lease = ClaimNew(Studies.One, Request with { MaxTrials = 1 }).Lease;

        Assert.IsTrue(_storage.Release(lease));

        TrialRecord trial = _storage.GetTrials("one").Single();
        Assert.AreEqual(TrialState.Waiting, trial.State);
        Assert.AreEqual(0, trial.Attempts);
        Assert.IsFalse(_storage.Complete(lease, [1.0]));
        Assert.AreEqual(0, _storage.Claim("one", Request with { MaxTrials = 1 }, null).Trial!.Number);
    }

    [TestMethod]
    public void Report_KeepsSpecialValuesAndBeginsAnewAtEarlierSteps()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.1];
        for (int step = 0; step < values.Length; step++)
            Assert.IsTrue(_storage.Report(lease, step, values[step]));
        CollectionAssert.AreEqual(values, _storage.GetTrials("one").Single().Reports.Select(report => report.Value).ToArray());

        _storage.Report(lease, 1, 7);

        CollectionAssert.AreEqual(new[] { new TrialReport(0, double.NaN), new TrialReport(1, 7) }, _storage.GetTrials("one").Single().Reports.ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _storage.Report(lease, -1, 0));
    }

    [TestMethod]
    public void SetAttribute_KeepsTypesAndRefusesOthers()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;
        Assert.IsTrue(_storage.SetAttribute(lease, "seconds", 2.0));
        Assert.IsTrue(_storage.SetAttribute(lease, "rows", 2L));
        Assert.IsTrue(_storage.SetAttribute(lease, "note", "a\0ü\""));
        Assert.IsTrue(_storage.SetAttribute(lease, "rows", 3L));

        IReadOnlyDictionary<string, object> attributes = _storage.GetTrials("one").Single().Attributes;

        Assert.HasCount(3, attributes);
        Assert.AreEqual(2.0, attributes["seconds"]);
        Assert.AreEqual(3L, attributes["rows"]);
        Assert.AreEqual("a\0ü\"", attributes["note"]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _storage.SetAttribute(lease, "bad", double.NaN)).Message, "'bad' is NaN");
    }

    [TestMethod]
    public void Claim_ExpiredLease_IsTakenOverAndItsHolderRefused()
    {
        TrialLease vanished = ClaimNew(Studies.One, Brief).Lease;
        WaitForExpiry(vanished);

        ClaimResult claim = _storage.Claim("one", Request with { MaxTrials = 1 }, null);

        Assert.AreEqual(ClaimStatus.Claimed, claim.Status);
        Assert.AreEqual(0, claim.Trial!.Number);
        Assert.AreEqual(2, claim.Trial.Attempts);
        Assert.IsFalse(_storage.Report(vanished, 1, 1));
        Assert.IsFalse(_storage.SetAttribute(vanished, "a", 1L));
        Assert.IsFalse(_storage.Complete(vanished, [1.0]));
        Assert.IsFalse(_storage.Fail(vanished, "late", maxAttempts: 1));
        Assert.IsFalse(_storage.Prune(vanished));
        Assert.IsFalse(_storage.Release(vanished));
        CollectionAssert.AreEqual(new[] { vanished }, _storage.Renew([vanished, claim.Lease], TimeSpan.FromMinutes(1)).ToArray());
        Assert.IsTrue(_storage.Complete(claim.Lease, [2.0]));
        Assert.AreEqual(2.0, _storage.GetTrials("one").Single().Values.Single());
    }

    [TestMethod]
    public void Claim_ExpiredTooOften_FailsTheTrialAndGoesOn()
    {
        ClaimNew(Studies.One, Brief);
        WaitForExpiry(new TrialLease("one", 0, 0));
        _storage.Claim("one", Brief, null);
        WaitForExpiry(new TrialLease("one", 0, 0));

        ClaimResult next = _storage.Claim("one", Request, null);

        TrialRecord trial = _storage.GetTrials("one").Single();
        Assert.AreEqual(TrialState.Failed, trial.State);
        StringAssert.Contains(trial.Error, "'brief' vanished in attempt 2 of 2");
        Assert.AreEqual(ClaimStatus.ProposalNeeded, next.Status);
        Assert.AreEqual(0, next.Running);
        Assert.AreEqual(1, next.NextNumber);
    }

    [TestMethod]
    public void Renew_KeepsOthersAway()
    {
        TrialLease lease = ClaimNew(Studies.One, Brief).Lease;
        WaitForExpiry(lease);

        Assert.IsEmpty(_storage.Renew([lease], TimeSpan.FromMinutes(1)), "nobody has taken it over yet");

        Assert.AreEqual(ClaimStatus.ProposalNeeded, _storage.Claim("one", Request, null).Status);
        Assert.IsTrue(_storage.Complete(lease, [1.0]));
    }

    [TestMethod]
    public void ListTrials_SinceAVersion_GivesWhatChanged()
    {
        _storage.CreateOrJoin(Studies.One with { FixedTrials = [Studies.Rank(1), Studies.Rank(2), Studies.Rank(3)] });
        TrialChanges all = _storage.ListTrials("one", since: 0);
        TrialChanges none = _storage.ListTrials("one", all.Version);
        TrialLease lease = _storage.Claim("one", Request, null).Lease;
        TrialChanges claimed = _storage.ListTrials("one", all.Version);
        _storage.Renew([lease], TimeSpan.FromMinutes(2));
        TrialChanges renewed = _storage.ListTrials("one", claimed.Version);
        _storage.Report(lease, 1, 0.5);
        TrialChanges reported = _storage.ListTrials("one", claimed.Version);

        Assert.HasCount(3, all.Trials);
        Assert.IsEmpty(none.Trials);
        Assert.AreEqual(0, claimed.Trials.Single().Number);
        Assert.IsEmpty(renewed.Trials);
        Assert.AreEqual(0.5, reported.Trials.Single().Reports.Single().Value);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _storage.ListTrials("none", 0)).Message, "'none'");
    }

    [TestMethod]
    public void RequestStop_EndsClaimsUntilCleared()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;

        _storage.RequestStop("one");
        Assert.AreEqual(ClaimStatus.Stopped, _storage.Claim("one", Request, new Proposal(1, Studies.Rank(1))).Status);
        Assert.IsTrue(_storage.GetStudies().Single().StopRequested);
        Assert.IsTrue(_storage.Complete(lease, [1.0]), "running trials go on");
        _storage.ClearStop("one");

        Assert.AreEqual(ClaimStatus.Claimed, _storage.Claim("one", Request, new Proposal(1, Studies.Rank(1))).Status);
        Assert.ThrowsExactly<ArgumentException>(() => _storage.RequestStop("none"));
    }

    [TestMethod]
    public void Finish_OnlyWhenNothingRuns()
    {
        TrialLease lease = ClaimNew(Studies.One, Request).Lease;
        _storage.Finish("one");
        Assert.IsNull(_storage.GetStudies().Single().Finished);
        _storage.Complete(lease, [1.0]);
        _storage.Finish("one");
        Assert.IsNotNull(_storage.GetStudies().Single().Finished);

        _storage.Claim("one", Request, new Proposal(1, Studies.Rank(1)));

        Assert.IsNull(_storage.GetStudies().Single().Finished, "a search that goes on is not finished");
    }

    [TestMethod]
    public void Claim_ManyConnectionsAtOnce_NumbersAreDenseAndTheBudgetExact()
    {
        _storage.CreateOrJoin(Studies.One);
        const int Budget = 40;
        ClaimRequest request = Request with { MaxTrials = Budget };
        Thread[] workers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Work))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());

        IReadOnlyList<TrialRecord> trials = _storage.GetTrials("one");
        CollectionAssert.AreEqual(Enumerable.Range(0, Budget).ToArray(), trials.Select(trial => trial.Number).ToArray());
        Assert.IsTrue(trials.All(trial => trial is { State: TrialState.Completed, Attempts: 1 } && (long)trial.Parameters["rank"] == trial.Number));

        void Work()
        {
            SearchStorage mine = OpenAnother(_storage);
            ClaimResult claim = mine.Claim("one", request, null);
            while (claim.Status != ClaimStatus.BudgetSpent)
            {
                if (claim.Status == ClaimStatus.Claimed && !mine.Complete(claim.Lease, [claim.Trial!.Number]))
                    throw new InvalidOperationException("A held lease was refused.");
                claim = mine.Claim("one", request, new Proposal(claim.NextNumber, Studies.Rank(claim.NextNumber)));
            }
            if (mine != _storage)
                mine.Dispose();
        }
    }

    [TestMethod]
    public void Studies_DoNotTouchEachOther()
    {
        TrialLease one = ClaimNew(Studies.One, Request).Lease, two = ClaimNew(Studies.Two, Request).Lease;

        Assert.IsEmpty(_storage.Renew([one, two], TimeSpan.FromMinutes(1)));
        _storage.Complete(one, [1.0]);

        Assert.AreEqual(TrialState.Running, _storage.GetTrials("two").Single().State);
        CollectionAssert.AreEqual(new[] { "one", "two" }, _storage.GetStudies().Select(study => study.Name).ToArray());
    }

    /// <summary>Opens an empty storage.</summary>
    private protected abstract SearchStorage OpenFirst();

    /// <summary>Opens the same storage as another process would; the same object where that is impossible.</summary>
    private protected abstract SearchStorage OpenAnother(SearchStorage first);

    private ClaimResult ClaimNew(StudyDefinition definition, ClaimRequest request)
    {
        _storage.CreateOrJoin(definition);
        return _storage.Claim(definition.Name, request, new Proposal(0, Studies.Rank(8)));
    }

    private void WaitForExpiry(TrialLease lease)
    {
        while (_storage.GetTrials(lease.Study)[lease.Number].LeaseExpires >= DateTimeOffset.UtcNow)
            Thread.Sleep(1);
        Thread.Sleep(2);
    }
}
