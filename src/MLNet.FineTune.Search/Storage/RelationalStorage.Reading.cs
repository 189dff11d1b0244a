using System.Data.Common;
using System.Text.Json;

namespace MLNet.FineTune.Search;

/// <summary>Trials as records.</summary>
internal abstract partial class RelationalStorage
{
    internal override TrialChanges ListTrials(string study, long since) => Transact(write: false, session =>
    {
        List<long> version = session.Query("SELECT version FROM finetune_studies WHERE name = @study", reader => reader.GetInt64(0), ("study", study));
        if (version.Count == 0)
            throw NoStudy(study);
        return new TrialChanges(version[0], version[0] == since ? [] : ReadTrials(session, study, "AND t.version > @since", ("since", since)));
    });

    /// <param name="session">The transaction.</param>
    /// <param name="study">The study's name.</param>
    /// <param name="condition">Narrows the trials, named <c>t</c>.</param>
    /// <param name="parameter">The condition's parameter.</param>
    private List<TrialRecord> ReadTrials(SqlSession session, string study, string condition, (string Name, object? Value) parameter)
    {
        ILookup<int, TrialReport> reports = session.Query(
            $"""
            SELECT r.number, r.step, r.value FROM finetune_reports r JOIN finetune_trials t ON t.study = r.study AND t.number = r.number
            WHERE t.study = @study {condition} ORDER BY r.number, r.step
            """,
            reader => (Number: (int)reader.GetInt64(0), Report: new TrialReport((int)reader.GetInt64(1), reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2))),
            ("study", study), parameter).ToLookup(row => row.Number, row => row.Report);
        return session.Query(
            $"""
            SELECT t.number, t.state, t.parameters, t.objective_values, t.attributes, t.error, t.worker, t.lease_expires, t.attempts, t.started, t.ended
            FROM finetune_trials t WHERE t.study = @study {condition} ORDER BY t.number
            """,
            reader => ReadTrial(reader, study, reports),
            ("study", study), parameter);
    }

    private TrialRecord ReadTrial(DbDataReader reader, string study, ILookup<int, TrialReport> reports)
    {
        int number = (int)reader.GetInt64(0);
        string where = $"{this}: trial {number} of study '{study}'";
        return new TrialRecord
        {
            Number = number,
            State = Enum.TryParse(reader.GetString(1), out TrialState state) ? state : throw new InvalidDataException($"{where} has the unknown state '{reader.GetString(1)}'."),
            Parameters = ParameterJson.Read(reader.GetString(2), where),
            Values = ReadValues(Text(3), where),
            Attributes = ParameterJson.Read(reader.GetString(4), where),
            Error = Text(5),
            Worker = Text(6),
            LeaseExpires = Time(reader, 7),
            Attempts = (int)reader.GetInt64(8),
            Started = Time(reader, 9),
            Ended = Time(reader, 10),
            Reports = [.. reports[number]],
        };

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static double[] ReadValues(string? json, string where)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize<double[]>(json)!;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where}: '{json}' is not a list of numbers: {e.Message}", e);
        }
    }
}
