using System.Globalization;

namespace MLNet.FineTune.Search;

/// <summary>Who works on what.</summary>
internal abstract partial class RelationalStorage
{
    internal override int Enqueue(string study, IReadOnlyDictionary<string, object> parameters)
    {
        string json = ParameterJson.Write(parameters);
        return ChangeStudy(
            study,
            change =>
            {
                List<long> same = change.Session.Query(
                    "SELECT number FROM finetune_trials WHERE study = @study AND parameters = @parameters ORDER BY number",
                    reader => reader.GetInt64(0),
                    ("study", study), ("parameters", json));
                if (same.Count > 0)
                    return (Number: (int)same[0], Added: false);
                int number = Count(change).Trials;
                InsertTrial(change.Session, study, number, json, change.Version);
                return (Number: number, Added: true);
            },
            result => result.Added).Number;
    }

    internal override ClaimResult Claim(string study, ClaimRequest request, Proposal? proposal)
    {
        string? parameters = proposal is null ? null : ParameterJson.Write(proposal.Parameters);
        return ChangeStudy(study, change => Claim(change, request, proposal, parameters), claim => claim.Changed).Result;
    }

    internal override IReadOnlyList<TrialLease> Renew(IReadOnlyCollection<TrialLease> leases, TimeSpan duration)
    {
        List<TrialLease> lost = [];
        foreach (IGrouping<string, TrialLease> study in leases.GroupBy(lease => lease.Study, StringComparer.Ordinal))
            lost.AddRange(ChangeStudy(
                study.Key,
                change => study.Where(lease => change.Session.Execute(
                    "UPDATE finetune_trials SET lease_expires = @expires WHERE study = @study AND number = @number AND token = @token AND state = @running",
                    ("expires", change.Now + Milliseconds(duration)), ("study", lease.Study), ("number", (long)lease.Number), ("token", lease.Token), ("running", nameof(TrialState.Running))) == 0).ToList(),
                _ => false));
        return lost;
    }

    private (ClaimResult Result, bool Changed) Claim(Change change, ClaimRequest request, Proposal? proposal, string? parameters)
    {
        Counts counts = Count(change);
        int abandoned = 0;
        if (change.StopRequested)
            return (Nothing(ClaimStatus.Stopped), false);
        foreach (Candidate candidate in Candidates(change))
            if (candidate.Running && candidate.Attempts >= request.MaxAttempts)
            {
                Abandon(change, candidate, request);
                abandoned++;
            }
            else if (candidate.Attempts > 0 || counts.Started < request.MaxTrials)
            {
                return (Take(change, request, candidate.Number, counts), true);
            }
        if (counts.Started >= request.MaxTrials)
            return (Nothing(ClaimStatus.BudgetSpent), abandoned > 0);
        if (parameters is null || proposal!.Number != counts.Trials)
            return (Nothing(ClaimStatus.ProposalNeeded), abandoned > 0);
        InsertTrial(change.Session, change.Study, counts.Trials, parameters, change.Version);
        return (Take(change, request, counts.Trials, counts with { Trials = counts.Trials + 1 }), true);

        ClaimResult Nothing(ClaimStatus status) => new(status, counts.Trials, counts.Running - abandoned);
    }

    private ClaimResult Take(Change change, ClaimRequest request, int number, Counts counts)
    {
        change.Session.Execute(
            """
            UPDATE finetune_trials SET state = @running, worker = @worker, token = @version, lease_expires = @expires, attempts = attempts + 1,
            started = @now, ended = NULL, version = @version WHERE study = @study AND number = @number
            """,
            ("running", nameof(TrialState.Running)), ("worker", request.Worker), ("version", change.Version), ("expires", change.Now + Milliseconds(request.LeaseDuration)),
            ("now", change.Now), ("study", change.Study), ("number", (long)number));
        change.Session.Execute("UPDATE finetune_studies SET finished = NULL WHERE name = @study", ("study", change.Study));
        return new ClaimResult(ClaimStatus.Claimed, counts.Trials, counts.Running)
        {
            Lease = new TrialLease(change.Study, number, change.Version),
            Trial = ReadTrials(change.Session, change.Study, "AND t.number = @number", ("number", (long)number)).Single(),
        };
    }

    /// <summary>Fails a trial whose worker vanished as often as may be.</summary>
    private static void Abandon(Change change, Candidate candidate, ClaimRequest request) => change.Session.Execute(
        """
        UPDATE finetune_trials SET state = @failed, error = @error, ended = @now, lease_expires = NULL, version = @version
        WHERE study = @study AND number = @number
        """,
        ("failed", nameof(TrialState.Failed)),
        ("error", string.Create(CultureInfo.InvariantCulture, $"Worker '{candidate.Worker}' vanished in attempt {candidate.Attempts} of {request.MaxAttempts}.")),
        ("now", change.Now), ("version", change.Version), ("study", change.Study), ("number", (long)candidate.Number));

    /// <summary>What may be started without a proposal, by number.</summary>
    private static List<Candidate> Candidates(Change change) => change.Session.Query(
        """
        SELECT number, state, attempts, worker FROM finetune_trials
        WHERE study = @study AND (state = @waiting OR (state = @running AND lease_expires <= @now)) ORDER BY number
        """,
        reader => new Candidate((int)reader.GetInt64(0), reader.GetString(1) == nameof(TrialState.Running), (int)reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetString(3)),
        ("study", change.Study), ("waiting", nameof(TrialState.Waiting)), ("running", nameof(TrialState.Running)), ("now", change.Now));

    private static Counts Count(Change change) => change.Session.Query(
        """
        SELECT COUNT(*), COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN state = @running THEN 1 ELSE 0 END), 0)
        FROM finetune_trials WHERE study = @study
        """,
        reader => new Counts((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2)),
        ("running", nameof(TrialState.Running)), ("study", change.Study)).Single();

    private static void InsertTrial(SqlSession session, string study, int number, string parameters, long version) => session.Execute(
        """
        INSERT INTO finetune_trials (study, number, state, parameters, attributes, token, attempts, version)
        VALUES (@study, @number, @waiting, @parameters, '{}', 0, 0, @version)
        """,
        ("study", study), ("number", (long)number), ("waiting", nameof(TrialState.Waiting)), ("parameters", parameters), ("version", version));

    private static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;

    private readonly record struct Candidate(int Number, bool Running, int Attempts, string? Worker);

    /// <summary>How many trials there are, how many of them were ever started, and how many are running.</summary>
    private readonly record struct Counts(int Trials, int Started, int Running);
}
