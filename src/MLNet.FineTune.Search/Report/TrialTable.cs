using System.Globalization;
using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>All trials, sorted by the column whose head is pressed.</summary>
internal static class TrialTable
{
    public static XElement Draw(ReportData data)
    {
        (string Head, Func<TrialRecord, Cell> Cell)[] columns =
        [
            ("trial", trial => Cell.Of(trial.Number)),
            ("state", trial => Cell.Of(trial.State.ToString())),
            ("front", trial => Cell.Of(data.Front.Contains(trial.Number) ? "●" : "")),
            .. data.Study.Objectives.Select(objective => (objective.Name, (Func<TrialRecord, Cell>)(trial => trial.ValueOf(objective, data.Study.Objectives) is { } value ? Cell.Of(value) : Cell.Empty))),
            .. data.Parameters.Select(name => (name, (Func<TrialRecord, Cell>)(trial => Of(trial.Parameters, name)))),
            .. data.Trials.SelectMany(trial => trial.Attributes.Keys).Except(data.Study.Objectives.Select(objective => objective.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => (name, (Func<TrialRecord, Cell>)(trial => Of(trial.Attributes, name)))),
            ("reports", trial => Cell.Of(trial.Reports.Count)),
            ("seconds", trial => trial.Duration is { } duration ? Cell.Of(Math.Round(duration.TotalSeconds, 1)) : Cell.Empty),
            ("attempts", trial => Cell.Of(trial.Attempts)),
            ("worker", trial => Cell.Of(trial.Worker ?? "")),
            ("error", trial => Cell.Of(trial.Error ?? "")),
        ];
        return Element(
            "table",
            Element("thead", Element("tr", columns.Select(column => Element("th", Element("button", [("type", "button")], column.Head))))),
            Element("tbody", data.Trials.Select(trial => Element(
                "tr",
                [("class", data.StyleOf(trial))],
                columns.Select(column => column.Cell(trial).ToElement())))));
    }

    private static Cell Of(IReadOnlyDictionary<string, object> values, string name) => values.TryGetValue(name, out object? value) ? Cell.Of(value) : Cell.Empty;

    /// <param name="Text">What is read.</param>
    /// <param name="Key">What it is sorted by.</param>
    /// <param name="IsNumber">Whether that is a number.</param>
    private sealed record Cell(string Text, string Key, bool IsNumber)
    {
        public static Cell Empty { get; } = new("", "", IsNumber: false);

        public static Cell Of(object value) => value switch
        {
            int or long or double => new Cell(Value(value), Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture), IsNumber: true),
            _ => new Cell(Value(value), Value(value), IsNumber: false),
        };

        public XElement ToElement() => Element("td", [("data-key", Key), .. IsNumber ? new (string, object)[] { ("class", "number") } : []], Text);
    }
}
