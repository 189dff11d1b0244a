using System.Text;
using System.Text.Json;

namespace MLNet.FineTune.Search;

/// <summary>What workers say of their trials.</summary>
internal abstract partial class RelationalStorage
{
    // An exception's message may hold a whole input; nobody reads more of it.
    private const int MaxErrorLength = 4000;

    internal override bool Report(TrialLease lease, int step, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return ChangeTrial(lease, change =>
        {
            // SQLite keeps no NaN; null stands for it.
            (string, object?)[] report = [("study", lease.Study), ("number", (long)lease.Number), ("step", (long)step), ("value", double.IsNaN(value) ? null : value)];
            change.Session.Execute("DELETE FROM finetune_reports WHERE study = @study AND number = @number AND step >= @step", report.AsSpan(0, 3));
            change.Session.Execute("INSERT INTO finetune_reports (study, number, step, value) VALUES (@study, @number, @step, @value)", report);
            Touch(change, lease);
        });
    }

    internal override bool SetAttribute(TrialLease lease, string name, object value)
    {
        // Tells of a bad value before anything is locked.
        ParameterJson.Write(new Dictionary<string, object> { [name] = value });
        return ChangeTrial(lease, change =>
        {
            TrialRecord trial = ReadTrials(change.Session, lease.Study, "AND t.number = @number", ("number", (long)lease.Number)).Single();
            string attributes = ParameterJson.Write(new Dictionary<string, object>(trial.Attributes) { [name] = value });
            change.Session.Execute(
                "UPDATE finetune_trials SET attributes = @attributes WHERE study = @study AND number = @number",
                ("attributes", attributes), ("study", lease.Study), ("number", (long)lease.Number));
            Touch(change, lease);
        });
    }

    internal override bool Complete(TrialLease lease, IReadOnlyList<double> values) =>
        End(lease, TrialState.Completed, values: JsonSerializer.Serialize(values));

    internal override bool Prune(TrialLease lease) => End(lease, TrialState.Pruned);

    internal override bool Fail(TrialLease lease, string error, int maxAttempts) =>
        ChangeTrial(lease, change =>
        {
            long attempts = change.Session.Query(
                "SELECT attempts FROM finetune_trials WHERE study = @study AND number = @number",
                reader => reader.GetInt64(0),
                ("study", lease.Study), ("number", (long)lease.Number)).Single();
            End(change, lease, attempts < maxAttempts ? TrialState.Waiting : TrialState.Failed, Storable(error), values: null);
        })
        || HasEnded(lease, TrialState.Failed);

    internal override bool Release(TrialLease lease) => ChangeTrial(lease, change => change.Session.Execute(
        """
        UPDATE finetune_trials SET state = @waiting, lease_expires = NULL, attempts = attempts - 1, started = NULL, version = @version
        WHERE study = @study AND number = @number
        """,
        ("waiting", nameof(TrialState.Waiting)), ("version", change.Version), ("study", lease.Study), ("number", (long)lease.Number)));

    private bool End(TrialLease lease, TrialState state, string? values = null) =>
        ChangeTrial(lease, change => End(change, lease, state, error: null, values)) || HasEnded(lease, state);

    private static void End(Change change, TrialLease lease, TrialState state, string? error, string? values) => change.Session.Execute(
        """
        UPDATE finetune_trials SET state = @state, error = @error, objective_values = @values, ended = @now, lease_expires = NULL, version = @version
        WHERE study = @study AND number = @number
        """,
        ("state", state.ToString()), ("error", error), ("values", values), ("now", change.Now), ("version", change.Version), ("study", lease.Study), ("number", (long)lease.Number));

    /// <summary>Whether the lease's own holder ended the trial so: what it says again because an answer got lost on the way.</summary>
    private bool HasEnded(TrialLease lease, TrialState state) => Transact(write: false, session => session.Query(
        "SELECT 1 FROM finetune_trials WHERE study = @study AND number = @number AND token = @token AND state = @state",
        _ => true,
        ("study", lease.Study), ("number", (long)lease.Number), ("token", lease.Token), ("state", state.ToString())).Count > 0);

    private static void Touch(Change change, TrialLease lease) => change.Session.Execute(
        "UPDATE finetune_trials SET version = @version WHERE study = @study AND number = @number",
        ("version", change.Version), ("study", lease.Study), ("number", (long)lease.Number));

    /// <summary>Text that every database takes: valid UTF-16 without NUL, of a length that is read.</summary>
    private static string Storable(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > MaxErrorLength ? text[..MaxErrorLength] + "…" : text)).Replace('\0', '\uFFFD');
}
