using System.Text;
using System.Xml;
using System.Xml.Linq;
using MLNet.FineTune.Checkpoints;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>A search as one HTML page that needs nothing else: front, parallel coordinates, importance, learning curves and all trials.</summary>
internal static class SearchReport
{
    // Nothing is fetched, whatever names and texts may hold.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    /// <summary>Writes the page; the same search gives the same bytes.</summary>
    /// <param name="path">The file: complete or, after an error, as it was.</param>
    /// <param name="study">The search.</param>
    /// <param name="trials">Its trials.</param>
    /// <param name="front">The numbers of the trials on the front.</param>
    public static void Write(string path, SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front)
    {
        string page = Render(study, trials, front);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
    }

    /// <summary>The page as text.</summary>
    public static string Render(SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front)
    {
        var data = new ReportData(study, trials, front);
        XElement page = Element(
            "html",
            [("lang", "en")],
            Element(
                "head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", Policy)),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width")),
                Element("title", study.Name),
                Element("style", ReportAssets.Style)),
            Element("body", Element("h1", study.Name), Summary(data), Charts(data), Table(data), Element("script", ReportAssets.Script)));
        var text = new StringBuilder("<!DOCTYPE html>\n");
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = false, NewLineHandling = NewLineHandling.Replace, NewLineChars = "\n" }))
            page.Save(writer);
        return text.Append('\n').ToString();
    }

    private static XElement Summary(ReportData data) => Element(
        "dl",
        Fact("created", Time(data.Study.Created)),
        Fact("finished", data.Study.Finished is { } finished ? Time(finished) : "not yet"),
        Fact("trials", string.Join(", ", data.Trials.GroupBy(trial => trial.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}").DefaultIfEmpty("none"))),
        Fact("on the front", data.Front.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        data.Study.Objectives.Select((objective, index) => data.Completed.MinBy(trial => objective.Cost(trial.Values[index])) is { } best
            ? Fact($"best {objective.Name}", $"{Number(best.Values[index])} (trial {best.Number})")
            : Fact($"best {objective.Name}", "none yet")),
        data.Study.Settings.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => Fact(setting.Key, setting.Value)));

    private static IEnumerable<XElement> Charts(ReportData data)
    {
        if (data.Completed.Count > 0)
        {
            yield return Section(data.Study.Objectives.Count > 1 ? "Front" : "History", "Each point is a completed trial; the red ones are not beaten in all objectives by any other.", FrontChart.Draw(data));
            yield return Section("Parallel coordinates", "Each line is a completed trial; the red ones are on the front.", Element("div", [("class", "wide")], ParallelChart.Draw(data)));
            for (int objective = 0; data.Parameters.Count > 0 && objective < data.Study.Objectives.Count; objective++)
                yield return Section($"What decides {data.Study.Objectives[objective].Name}", "How much of its variance, by rank, each parameter explains alone.", ImportanceChart.Draw(data, objective));
        }
        if (CurvesChart.Draw(data) is { } curves)
            yield return Section("Learning curves", $"{data.Study.Objectives[0].Name} on the way; grey lines were pruned or failed, or are not at their end.", curves);
    }

    private static XElement Table(ReportData data) => Section("Trials", "Press a column's head to sort by it.", Element("div", [("class", "wide")], TrialTable.Draw(data)));

    private static XElement Section(string title, string note, object content) => Element("section", Element("h2", title), Element("p", note), content);

    private static XElement[] Fact(string name, string value) => [Element("dt", name), Element("dd", value)];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
