using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// Where searches keep their trials. A search that was interrupted goes on from there, and any number of processes
/// may work on it: each trial has one worker at a time, and one whose worker vanished is taken over by another.
/// Thread-safe.
/// </summary>
/// <remarks>A SQLite file serves the processes of one machine; it must not be on a network drive. PostgreSQL serves several machines.</remarks>
public abstract class SearchStorage : IDisposable
{
    private protected SearchStorage()
    {
    }

    /// <summary>Opens a storage; what is missing in it is created.</summary>
    /// <param name="connectionString">
    /// A file name or <c>Data Source=…</c> for SQLite; <c>Host=…</c> or <c>postgres://user:password@host:port/database</c> for PostgreSQL.
    /// </param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    /// <exception cref="InvalidDataException">The file is not a database, or the storage is of a newer version of this library.</exception>
    /// <exception cref="IOException">The file or server cannot be reached.</exception>
    public static SearchStorage Open(string connectionString) => StorageAddress.Open(connectionString);

    /// <summary>Opens a storage that ends with the object: for searches of one process that need not survive it.</summary>
    public static SearchStorage InMemory() => SqliteStorage.ForMemory();

    /// <summary>All studies, by name.</summary>
    public abstract IReadOnlyList<SearchStudy> GetStudies();

    /// <summary>All trials of a study, by number.</summary>
    /// <exception cref="ArgumentException">There is no such study.</exception>
    public IReadOnlyList<TrialRecord> GetTrials(string study) => ListTrials(study, since: 0).Trials;

    /// <summary>Asks all workers of a study, in all processes, to start nothing more; running trials go on to their end.</summary>
    /// <exception cref="ArgumentException">There is no such study.</exception>
    public void RequestStop(string study) => SetStop(study, stop: true);

    /// <summary>Takes <see cref="RequestStop"/> back.</summary>
    /// <exception cref="ArgumentException">There is no such study.</exception>
    public void ClearStop(string study) => SetStop(study, stop: false);

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What it is, without secrets, for messages.</summary>
    public abstract override string ToString();

    /// <summary>Creates a study with its fixed trials, or joins the one of the same name and settings.</summary>
    /// <exception cref="InvalidOperationException">There is one of that name which is another search.</exception>
    internal abstract SearchStudy CreateOrJoin(StudyDefinition definition);

    /// <summary>Adds a trial to be started before new ones are proposed; where the study has one with the same parameters, that is it.</summary>
    /// <returns>Its number.</returns>
    internal abstract int Enqueue(string study, IReadOnlyDictionary<string, object> parameters);

    /// <summary>
    /// Gives a worker a trial: the first that waits, or whose lease expired, else the one proposed, if its number is
    /// still the next. Whoever was faster leaves <see cref="ClaimStatus.ProposalNeeded"/> with the number after, so
    /// that proposing takes no lock and numbers have no gaps.
    /// </summary>
    internal abstract ClaimResult Claim(string study, ClaimRequest request, Proposal? proposal);

    /// <summary>Prolongs leases.</summary>
    /// <returns>Those that their holder has lost.</returns>
    internal abstract IReadOnlyList<TrialLease> Renew(IReadOnlyCollection<TrialLease> leases, TimeSpan duration);

    /// <summary>Notes a value on the way. Later steps, of an earlier attempt, are dropped.</summary>
    /// <returns>Whether the lease is still held; nothing happens otherwise.</returns>
    internal abstract bool Report(TrialLease lease, int step, double value);

    /// <summary>Notes an attribute.</summary>
    /// <returns>Whether the lease is still held; nothing happens otherwise.</returns>
    internal abstract bool SetAttribute(TrialLease lease, string name, object value);

    /// <summary>Ends a trial with the values of its objectives.</summary>
    /// <returns>Whether the lease is still held; nothing happens otherwise. Saying so twice is the same as once.</returns>
    internal abstract bool Complete(TrialLease lease, IReadOnlyList<double> values);

    /// <summary>Ends a trial with an error.</summary>
    /// <param name="lease">The right to do so.</param>
    /// <param name="error">Type and message.</param>
    /// <param name="maxAttempts">The trial waits to be started again if it was started fewer times than this.</param>
    /// <returns>Whether the lease is still held; nothing happens otherwise.</returns>
    internal abstract bool Fail(TrialLease lease, string error, int maxAttempts);

    /// <summary>Ends a trial early.</summary>
    /// <returns>Whether the lease is still held; nothing happens otherwise.</returns>
    internal abstract bool Prune(TrialLease lease);

    /// <summary>Gives a trial back as if it had not been started this time.</summary>
    /// <returns>Whether the lease is still held; nothing happens otherwise.</returns>
    internal abstract bool Release(TrialLease lease);

    /// <summary>The trials that changed since a version, 0 for all.</summary>
    internal abstract TrialChanges ListTrials(string study, long since);

    /// <summary>Notes that a study is finished, unless a trial of it is running.</summary>
    internal abstract void Finish(string study);

    private protected abstract void SetStop(string study, bool stop);

    private protected abstract void Dispose(bool disposing);
}
