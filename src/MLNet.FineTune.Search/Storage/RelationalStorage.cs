namespace MLNet.FineTune.Search;

/// <summary>
/// Trials in tables of a database. Each operation is one transaction; those that write lock the study's row first,
/// so that they happen one after the other and <c>version</c> grows in the order of commits.
/// </summary>
internal abstract partial class RelationalStorage : SearchStorage
{
    /// <summary>Runs statements as one transaction, from the start again where that is safe and may help.</summary>
    private protected abstract T Transact<T>(bool write, Func<SqlSession, T> work);

    /// <summary>A change of a study in progress.</summary>
    /// <param name="Session">The transaction.</param>
    /// <param name="Study">The study's name.</param>
    /// <param name="Version">The version that what changes gets.</param>
    /// <param name="Now">The time of the change.</param>
    /// <param name="StopRequested">Whether the study is to start nothing more.</param>
    private readonly record struct Change(SqlSession Session, string Study, long Version, long Now, bool StopRequested);

    /// <summary>Changes a study alone; it gets a new version where <paramref name="changed"/> says so of the result.</summary>
    private T ChangeStudy<T>(string study, Func<Change, T> work, Func<T, bool> changed) => Transact(write: true, session =>
    {
        List<(long Version, bool Stop)> rows = session.Query(
            "SELECT version, stop_requested FROM finetune_studies WHERE name = @study" + session.Dialect.LockRow,
            reader => (reader.GetInt64(0), reader.GetInt64(1) != 0),
            ("study", study));
        if (rows is not [(long version, bool stop)])
            throw NoStudy(study);
        T result = work(new Change(session, study, version + 1, session.Now(), stop));
        if (changed(result))
            session.Execute("UPDATE finetune_studies SET version = @version WHERE name = @study", ("version", version + 1), ("study", study));
        return result;
    });

    /// <summary>Changes the trial of a lease, if that is still held.</summary>
    /// <returns>Whether it is.</returns>
    private bool ChangeTrial(TrialLease lease, Action<Change> work) => ChangeStudy(
        lease.Study,
        change =>
        {
            bool held = IsHeld(change.Session, lease);
            if (held)
                work(change);
            return held;
        },
        held => held);

    private static bool IsHeld(SqlSession session, TrialLease lease) => session.Query(
        "SELECT 1 FROM finetune_trials WHERE study = @study AND number = @number AND token = @token AND state = @running",
        _ => true,
        ("study", lease.Study), ("number", (long)lease.Number), ("token", lease.Token), ("running", nameof(TrialState.Running))).Count > 0;

    private ArgumentException NoStudy(string study) => new($"There is no study '{study}' in {this}.");
}
