namespace MLNet.FineTune.Search;

/// <summary>What the parts of a report are about.</summary>
internal sealed class ReportData
{
    public ReportData(SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front)
    {
        Study = study;
        Trials = [.. trials.OrderBy(trial => trial.Number)];
        Completed = [.. Trials.Where(trial => trial.State == TrialState.Completed)];
        Parameters = [.. Trials.SelectMany(trial => trial.Parameters.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Front = front;
    }

    public SearchStudy Study { get; }

    /// <summary>All trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>Those with a value for each objective.</summary>
    public IReadOnlyList<TrialRecord> Completed { get; }

    /// <summary>The names of all parameters that any trial has.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>The numbers of the trials on the front.</summary>
    public IReadOnlySet<int> Front { get; }

    /// <summary>How a trial is drawn.</summary>
    public string StyleOf(TrialRecord trial) => Front.Contains(trial.Number) ? "front" : trial.State == TrialState.Completed ? "done" : "rest";

    /// <summary>All there is to say of a trial, for the pointer that rests on it.</summary>
    public string Describe(TrialRecord trial) => string.Join('\n',
    [
        $"trial {trial.Number}",
        .. Study.Objectives.Zip(trial.Values, (objective, value) => $"{objective.Name} = {Markup.Number(value)}"),
        .. Parameters.Where(trial.Parameters.ContainsKey).Select(name => $"{name} = {Markup.Value(trial.Parameters[name])}"),
    ]);
}
