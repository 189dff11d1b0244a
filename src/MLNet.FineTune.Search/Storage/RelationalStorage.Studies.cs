using System.Data.Common;
using System.Globalization;
using System.Text.Json;

namespace MLNet.FineTune.Search;

/// <summary>Studies.</summary>
internal abstract partial class RelationalStorage
{
    private const string StudyColumns = "name, objectives, settings, created, finished, stop_requested";

    public override IReadOnlyList<SearchStudy> GetStudies() =>
        Transact(write: false, session => session.Query($"SELECT {StudyColumns} FROM finetune_studies", ReadStudy)).OrderBy(study => study.Name, StringComparer.Ordinal).ToList();

    internal override SearchStudy CreateOrJoin(StudyDefinition definition)
    {
        definition.Validate();
        string[] fixedTrials = [.. definition.FixedTrials.Select(ParameterJson.Write).Distinct(StringComparer.Ordinal)];
        SearchStudy study = Transact(write: true, session =>
        {
            bool created = session.Execute(
                $"""
                INSERT INTO finetune_studies (name, objectives, settings, version, stop_requested, created)
                VALUES (@name, @objectives, @settings, 1, 0, {session.Dialect.Now}) ON CONFLICT (name) DO NOTHING
                """,
                ("name", definition.Name), ("objectives", WriteObjectives(definition.Objectives)), ("settings", WriteSettings(definition.Settings))) > 0;
            for (int number = 0; created && number < fixedTrials.Length; number++)
                InsertTrial(session, definition.Name, number, fixedTrials[number], version: 1);
            return session.Query($"SELECT {StudyColumns} FROM finetune_studies WHERE name = @name", ReadStudy, ("name", definition.Name)).Single();
        });
        definition.RequireSame(study, ToString());
        return study;
    }

    internal override void Finish(string study) => ChangeStudy(
        study,
        change => change.Session.Execute(
            """
            UPDATE finetune_studies SET finished = @now WHERE name = @study AND finished IS NULL
            AND NOT EXISTS (SELECT 1 FROM finetune_trials WHERE study = @study AND state = @running)
            """,
            ("now", change.Now), ("study", study), ("running", nameof(TrialState.Running))),
        _ => false);

    private protected override void SetStop(string study, bool stop) => ChangeStudy(
        study,
        change => change.Session.Execute("UPDATE finetune_studies SET stop_requested = @stop WHERE name = @study", ("stop", stop ? 1L : 0L), ("study", study)),
        _ => false);

    private SearchStudy ReadStudy(DbDataReader reader)
    {
        string name = reader.GetString(0);
        try
        {
            return new SearchStudy
            {
                Name = name,
                Objectives = ReadObjectives(reader.GetString(1)),
                Settings = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(2))!.AsReadOnly(),
                Created = Time(reader, 3)!.Value,
                Finished = Time(reader, 4),
                StopRequested = reader.GetInt64(5) != 0,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{this}: study '{name}' is damaged: {e.Message}", e);
        }
    }

    private static string WriteObjectives(IEnumerable<SearchObjective> objectives) =>
        JsonSerializer.Serialize(objectives.Select(objective =>
        {
            var written = new Dictionary<string, string> { ["name"] = objective.Name, ["direction"] = objective.Direction.ToString() };
            if (objective.Limit is { } limit)
                written.Add("limit", limit.ToString("R", CultureInfo.InvariantCulture));
            return written;
        }));

    private static SearchObjective[] ReadObjectives(string json) =>
        [.. JsonSerializer.Deserialize<Dictionary<string, string>[]>(json)!.Select(objective => new SearchObjective(objective["name"], Enum.Parse<ObjectiveDirection>(objective["direction"]))
        {
            Limit = objective.TryGetValue("limit", out string? limit) ? double.Parse(limit, CultureInfo.InvariantCulture) : null,
        })];

    private static string WriteSettings(IReadOnlyDictionary<string, string> settings) =>
        JsonSerializer.Serialize(new SortedDictionary<string, string>(settings.ToDictionary(), StringComparer.Ordinal));

    private static DateTimeOffset? Time(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
}
