using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLNet.FineTune.Search;

/// <summary>The state of a search, as a line and as a table with lines below.</summary>
internal static class SearchView
{
    /// <summary>The front with what belongs to it below.</summary>
    /// <param name="progress">The state.</param>
    /// <param name="maxRows">The most trials shown.</param>
    public static IRenderable Table(SearchProgress progress, int maxRows)
    {
        Table table = new Table().RoundedBorder().Title(Markup.Escape(progress.Study)).AddColumn(new TableColumn("trial").RightAligned());
        foreach (SearchObjective objective in progress.Objectives)
            table.AddColumn(new TableColumn(Markup.Escape(objective.Name)).RightAligned());
        table.AddColumn("what");
        foreach (TrialRecord trial in progress.Front.Take(maxRows))
            table.AddRow([new Text(Number(trial.Number)), .. trial.Values.Select(value => new Text(Number(value))), new Text(Describe(trial))]);
        if (progress.Front.Count > maxRows)
            table.Caption($"and {progress.Front.Count - maxRows} more on the front");
        else if (progress.Front.Count == 0)
            table.Caption("no trial is done yet");
        return new Rows(table, new Text(Trials(progress)), new Text(Best(progress)), new Text(Times(progress)));
    }

    /// <summary>The state in one line.</summary>
    public static string Line(SearchProgress progress) => string.Join("; ", new[] { Trials(progress), Best(progress), Times(progress) }.Where(part => part.Length > 0));

    private static string Trials(SearchProgress progress)
    {
        int finished = progress.Completed + progress.Pruned + progress.Failed;
        string of = progress.MaxTrials is { } most ? $" of {most}" : "";
        return $"{finished}{of} trials: {progress.Completed} done, {progress.Running.Count} running, {progress.Pruned} pruned, {progress.Failed} failed; {progress.FrontSize} on the front";
    }

    private static string Best(SearchProgress progress) => progress.Front.Count == 0 ? "" :
        $"best {string.Join(", ", progress.Objectives.Select((objective, index) => Best(progress.Front, objective, index)))}";

    private static string Best(IReadOnlyList<TrialRecord> front, SearchObjective objective, int index)
    {
        TrialRecord best = objective.Direction == ObjectiveDirection.Minimize ? front.MinBy(trial => trial.Values[index])! : front.MaxBy(trial => trial.Values[index])!;
        return $"{objective.Name} {Number(best.Values[index])} (trial {best.Number})";
    }

    private static string Times(SearchProgress progress) => $"{Time(progress.Elapsed)} so far{(progress.Remaining is { } rest ? $", {Time(rest)} left" : "")}";

    /// <summary>What a search over methods tries, else the parameters.</summary>
    private static string Describe(TrialRecord trial)
    {
        string method = trial.Attributes.GetValueOrDefault("method") as string ?? "";
        string parameters = string.Join(", ", trial.Parameters.Select(parameter => $"{parameter.Key} {(parameter.Value is double number ? Number(number) : Convert.ToString(parameter.Value, CultureInfo.InvariantCulture))}"));
        return method.Length > 0 ? method : parameters;
    }

    private static string Number(double value) => Math.Abs(value) >= 1000 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.ToString(time.TotalHours < 1 ? "m\\:ss" : time.TotalDays < 1 ? "h\\:mm\\:ss" : "d\\.hh\\:mm\\:ss", CultureInfo.InvariantCulture);
}
