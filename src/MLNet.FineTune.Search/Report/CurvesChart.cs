using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>The first objective's value on the way, by step, for all trials that reported any.</summary>
internal static class CurvesChart
{
    /// <returns>Null where no trial reported anything.</returns>
    public static XElement? Draw(ReportData data)
    {
        TrialRecord[] trials = [.. data.Trials.Where(trial => trial.Reports.Count > 0).OrderBy(trial => data.Front.Contains(trial.Number))];
        if (trials.Length == 0)
            return null;
        string name = data.Study.Objectives[0].Name;
        var plot = new Plot(
            AxisScale.OfNumbers([.. trials.SelectMany(trial => trial.Reports).Select(report => (double)report.Step)]),
            AxisScale.OfNumbers([.. trials.SelectMany(trial => trial.Reports).Select(report => report.Value)]),
            "step",
            name);
        return plot.ToSvg($"{name} by step", trials.SelectMany(trial => Curve(data, plot, trial)));
    }

    /// <summary>A line, and its end as a point: of a single report nothing else would be seen.</summary>
    private static IEnumerable<XElement> Curve(ReportData data, Plot plot, TrialRecord trial)
    {
        yield return plot.Line(data.StyleOf(trial), trial.Reports.Select(report => ((object?)(double)report.Step, (object?)report.Value)), Element("title", data.Describe(trial)));
        if (plot.At((double)trial.Reports[^1].Step, trial.Reports[^1].Value) is { } end)
            yield return Element("circle", [("class", data.StyleOf(trial)), ("cx", end.X), ("cy", end.Y), ("r", 2.5)], Element("title", data.Describe(trial)));
    }
}
