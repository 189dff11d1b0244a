using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>Bars for how much each parameter explains of an objective.</summary>
internal static class ImportanceChart
{
    private const double Width = 720, Row = 24, Names = 220, Numbers = 50;

    public static XElement Draw(ReportData data, int objective)
    {
        IReadOnlyList<(string Name, double Share)> shares = ParameterImportance.Of(data.Completed, data.Parameters, objective);
        return Element(
            "svg",
            [("viewBox", FormattableString.Invariant($"0 0 {Width} {shares.Count * Row + 4}")), ("role", "img"), ("aria-label", $"What decides {data.Study.Objectives[objective].Name}")],
            shares.SelectMany((parameter, index) => Bar(parameter.Name, parameter.Share, index * Row)));
    }

    private static IEnumerable<XElement> Bar(string name, double share, double top)
    {
        double length = share * (Width - Names - Numbers);
        return
        [
            Element("text", [("class", "label"), ("text-anchor", "end"), ("x", Names - 8), ("y", top + 17)], name),
            Element("rect", [("class", "bar"), ("x", Names), ("y", top + 4), ("width", length), ("height", Row - 8)]),
            Element("text", [("class", "tick"), ("x", Names + length + 6), ("y", top + 17)], FormattableString.Invariant($"{100 * share:0} %")),
        ];
    }
}
