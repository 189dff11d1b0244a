using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>The first objective against each other one, with the front; against the trials' numbers where it is the only one.</summary>
internal static class FrontChart
{
    public static IEnumerable<XElement> Draw(ReportData data) => data.Study.Objectives.Count == 1
        ? [History(data)]
        : Enumerable.Range(1, data.Study.Objectives.Count - 1).Select(other => Scatter(data, other));

    private static XElement Scatter(ReportData data, int other)
    {
        SearchObjective vertical = data.Study.Objectives[0], horizontal = data.Study.Objectives[other];
        var plot = new Plot(Axis(data, other), Axis(data, 0), Label(horizontal), Label(vertical));
        IEnumerable<(object?, object?)> line = data.Study.Objectives.Count > 2 ? [] : data.Completed
            .Where(trial => data.Front.Contains(trial.Number)).OrderBy(trial => trial.Values[other]).ThenBy(trial => trial.Values[0])
            .Select(trial => ((object?)trial.Values[other], (object?)trial.Values[0]));
        return plot.ToSvg(
            $"{vertical.Name} against {horizontal.Name}",
            [plot.Line("frontier", line), .. Points(data, plot, trial => trial.Values[other], trial => trial.Values[0])]);
    }

    private static XElement History(ReportData data)
    {
        SearchObjective objective = data.Study.Objectives[0];
        var plot = new Plot(AxisScale.OfNumbers([.. data.Completed.Select(trial => (double)trial.Number)]), Axis(data, 0), "trial", Label(objective));
        double best = double.NaN;
        List<(object?, object?)> line = [];
        foreach (TrialRecord trial in data.Completed)
        {
            best = objective.IsBetter(trial.Values[0], best) ? trial.Values[0] : best;
            line.Add(((double)trial.Number, best));
        }
        return plot.ToSvg($"{objective.Name} by trial, and the best so far", [plot.Line("frontier", line), .. Points(data, plot, trial => (double)trial.Number, trial => trial.Values[0])]);
    }

    /// <summary>Those of the front last, so that none is hidden.</summary>
    private static IEnumerable<XElement> Points(ReportData data, Plot plot, Func<TrialRecord, double> x, Func<TrialRecord, double> y)
    {
        foreach (TrialRecord trial in data.Completed.OrderBy(trial => data.Front.Contains(trial.Number)))
            if (plot.At(x(trial), y(trial)) is { } at)
                yield return Element("circle", [("class", data.StyleOf(trial)), ("cx", at.X), ("cy", at.Y), ("r", 4.5)], Element("title", data.Describe(trial)));
    }

    private static AxisScale Axis(ReportData data, int objective) => AxisScale.OfNumbers([.. data.Completed.Select(trial => trial.Values[objective])]);

    private static string Label(SearchObjective objective) =>
        $"{objective.Name} ({(objective.Direction == ObjectiveDirection.Minimize ? "smaller" : "larger")} is better)";
}
