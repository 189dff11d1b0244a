using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>Parallel coordinates: an axis for each parameter and objective, a line for each completed trial.</summary>
internal static class ParallelChart
{
    private const double Spacing = 130, Height = 360, Top = 40, Bottom = 20, Side = 70;
    private const int MaxLabelLength = 18;

    public static XElement Draw(ReportData data)
    {
        (string Name, Func<TrialRecord, object?> Value)[] columns =
        [
            .. data.Parameters.Select(name => (name, (Func<TrialRecord, object?>)(trial => trial.Parameters.GetValueOrDefault(name)))),
            .. data.Study.Objectives.Select((objective, index) => (objective.Name, (Func<TrialRecord, object?>)(trial => trial.Values[index]))),
        ];
        AxisScale[] scales = [.. columns.Select(column => AxisScale.Of([.. data.Completed.Select(column.Value)]))];
        return Element(
            "svg",
            [("viewBox", FormattableString.Invariant($"0 0 {2 * Side + (columns.Length - 1) * Spacing} {Height}")), ("role", "img"), ("aria-label", "Parameters and objectives of completed trials")],
            data.Completed.OrderBy(trial => data.Front.Contains(trial.Number)).Select(trial => Plot.Polyline(
                data.StyleOf(trial),
                columns.SelectMany((column, index) => scales[index].Position(column.Value(trial)) is { } up ? new[] { (Across(index), Up(up)) } : []),
                Element("title", data.Describe(trial)))),
            columns.SelectMany((column, index) => Axis(column.Name, scales[index], Across(index))));
    }

    private static IEnumerable<XElement> Axis(string name, AxisScale scale, double x) =>
    [
        Element("line", [("class", "axis"), ("x1", x), ("x2", x), ("y1", Top), ("y2", Height - Bottom)]),
        Element("text", [("class", "label"), ("text-anchor", "middle"), ("x", x), ("y", Top - 18)], Short(name), Element("title", name)),
        .. scale.Ticks.Select(tick => Element("text", [("class", "tick"), ("x", x + 4), ("y", Up(tick.Position) + 4)], Short(tick.Label))),
    ];

    private static string Short(string text) => text.Length <= MaxLabelLength ? text : string.Concat(text.AsSpan(0, MaxLabelLength - 1), "…");

    private static double Across(int column) => Side + column * Spacing;

    private static double Up(double position) => Height - Bottom - position * (Height - Top - Bottom);
}
