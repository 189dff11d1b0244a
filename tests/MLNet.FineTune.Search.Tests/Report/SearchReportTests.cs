using System.Text.RegularExpressions;
using System.Xml.Linq;
using MLNet.FineTune.Search.Tests.Fixtures;
using MLNet.FineTune.Tests;

namespace MLNet.FineTune.Search.Tests.Report;

[TestClass]
public sealed class SearchReportTests
{
    private const string Hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'\0\uD800 https://evil.example/x";

    [TestMethod]
    public void Render_IsWellFormedAndHasAllTrials()
    {
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(30);
        var page = XDocument.Parse(SearchReport.Render(study, trials, front));

        XElement[] rows = [.. page.Descendants("tbody").Single().Elements("tr")];
        CollectionAssert.AreEqual(trials.Select(trial => trial.Number.ToString()).ToArray(), rows.Select(row => row.Elements("td").First().Value).ToArray());
        CollectionAssert.AreEquivalent(front.Select(number => number.ToString()).ToArray(), rows.Where(row => (string?)row.Attribute("class") == "front").Select(row => row.Elements("td").First().Value).ToArray());
        int completed = trials.Count(trial => trial.State == TrialState.Completed);
        Assert.HasCount(completed, Chart(page, "accuracy against parameters").Elements("circle"));
        Assert.HasCount(completed, Chart(page, "Parameters and objectives of completed trials").Elements("polyline"));
        Assert.HasCount(trials.Count(trial => trial.Reports.Count > 0), Chart(page, "accuracy by step").Elements("polyline"));
        Assert.HasCount(4, Chart(page, "What decides parameters").Elements("rect"));
        Assert.Contains("disk full", rows[3].Value);
    }

    [TestMethod]
    public void Render_IsTheSameEachTimeAndFetchesNothing()
    {
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(30);
        string page = SearchReport.Render(study, trials, front);

        Assert.AreEqual(page, SearchReport.Render(study, [.. trials.Reverse()], front));
        Assert.DoesNotMatchRegex(new Regex("https?://", RegexOptions.IgnoreCase), page);
        Assert.DoesNotMatchRegex(new Regex("\\s(src|href)=|@import|url\\(", RegexOptions.IgnoreCase), page);
    }

    [TestMethod]
    public void Render_ElementsWithoutContent_HaveAnEndTag()
    {
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(5);

        // HTML ignores the slash of <td/>, but meta has no end tag in either.
        Assert.IsTrue(Regex.Matches(SearchReport.Render(study, trials, front), "<([a-z]+)[^>]*/>").All(match => match.Groups[1].Value == "meta"));
    }

    [TestMethod]
    public void Render_StyleAndScript_AreAsWritten()
    {
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(3);
        string page = SearchReport.Render(study, trials, front);

        StringAssert.Contains(page, ReportAssets.Script);
        StringAssert.Contains(page, ReportAssets.Style);
    }

    [TestMethod]
    public void Render_HostileTexts_AreTextOnly()
    {
        var study = new SearchStudy
        {
            Name = Hostile,
            Objectives = [new SearchObjective(Hostile, ObjectiveDirection.Minimize), new SearchObjective("b", ObjectiveDirection.Minimize)],
            Settings = new Dictionary<string, string> { [Hostile] = Hostile },
            Created = DateTimeOffset.UnixEpoch,
        };
        TrialRecord[] trials = [.. Enumerable.Range(0, 3).Select(number => new TrialRecord
        {
            Number = number,
            State = TrialState.Completed,
            Parameters = new Dictionary<string, object> { [Hostile] = number == 0 ? Hostile : "x" },
            Attributes = new Dictionary<string, object> { [Hostile] = Hostile },
            Values = [number, -number],
            Reports = [new TrialReport(1, number)],
            Error = Hostile,
            Worker = Hostile,
        })];

        string page = SearchReport.Render(study, trials, new HashSet<int> { 0, 1, 2 });

        var parsed = XDocument.Parse(page);
        Assert.HasCount(1, parsed.Descendants("script"));
        Assert.IsEmpty(parsed.Descendants("img"));
        Assert.HasCount(1, Regex.Matches(page, "<script", RegexOptions.IgnoreCase));
        StringAssert.Contains(parsed.Descendants("h1").Single().Value, "</script><script>alert(1)</script>");
        Assert.DoesNotContain('\0', page);
    }

    [TestMethod]
    public void Render_WhatIsKnownOfAnObjective_StandsInItsColumn()
    {
        var study = new SearchStudy { Name = "two", Objectives = Studies.Two.Objectives, Settings = new Dictionary<string, string>(), Created = DateTimeOffset.UnixEpoch };
        TrialRecord pruned = new()
        {
            Number = 0, State = TrialState.Pruned, Parameters = new Dictionary<string, object>(), Attributes = new Dictionary<string, object> { ["parameters"] = 123.0, ["method"] = "lora" },
        };

        XElement table = XDocument.Parse(SearchReport.Render(study, [pruned], new HashSet<int>())).Descendants("table").Single(table => table.Element("thead") is not null);
        string[] heads = [.. table.Descendants("th").Select(head => head.Value)];
        Assert.HasCount(1, heads.Where(head => head == "parameters"));
        string[] cells = [.. table.Descendants("td").Select(cell => cell.Value)];
        Assert.AreEqual("123", cells[Array.IndexOf(heads, "parameters")]);
        Assert.AreEqual("", cells[Array.IndexOf(heads, "accuracy")]);
        Assert.AreEqual("lora", cells[Array.IndexOf(heads, "method")]);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Render_FewTrials_IsStillAPage(int count)
    {
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(count);

        Assert.HasCount(count, XDocument.Parse(SearchReport.Render(study, trials, front)).Descendants("tbody").Single().Elements("tr"));
    }

    [TestMethod]
    public void Render_OneObjective_HasItsHistory()
    {
        var study = new SearchStudy { Name = "one", Objectives = Studies.One.Objectives, Settings = new Dictionary<string, string>(), Created = DateTimeOffset.UnixEpoch };
        TrialRecord[] trials = [.. new[] { 0.5, 0.4, 0.7, 0.6 }.Select((value, number) => new TrialRecord
        {
            Number = number,
            State = TrialState.Completed,
            Parameters = new Dictionary<string, object>(),
            Values = [value],
        })];

        var page = XDocument.Parse(SearchReport.Render(study, trials, new HashSet<int> { 2 }));

        // The best so far: 0.5, 0.5, 0.7, 0.7, on an axis that points up.
        double[] heights = [.. ((string)Chart(page, "accuracy by trial, and the best so far").Element("polyline")!.Attribute("points")!).Split(' ').Select(point => double.Parse(point.Split(',')[1]))];
        Assert.AreEqual(heights[0], heights[1]);
        Assert.AreEqual(heights[2], heights[3]);
        Assert.IsLessThan(heights[1], heights[2]);
    }

    [TestMethod]
    public void Write_Again_ReplacesTheFileAndLeavesNoOther()
    {
        using var folder = new TemporaryFolder();
        (SearchStudy study, IReadOnlyList<TrialRecord> trials, IReadOnlySet<int> front) = Search(3);
        File.WriteAllText(folder.File("report.html"), "before");

        SearchReport.Write(folder.File("report.html"), study, trials, front);

        Assert.AreEqual(SearchReport.Render(study, trials, front), File.ReadAllText(folder.File("report.html")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    private static XElement Chart(XDocument page, string name) => page.Descendants("svg").Single(svg => (string?)svg.Attribute("aria-label") == name);

    /// <summary>A search with trials in all states.</summary>
    private static (SearchStudy Study, IReadOnlyList<TrialRecord> Trials, IReadOnlySet<int> Front) Search(int count)
    {
        using SearchStorage storage = SearchStorage.InMemory();
        SearchStudy study = storage.CreateOrJoin(Studies.Two) with { Created = DateTimeOffset.UnixEpoch };
        var request = new ClaimRequest("worker", TimeSpan.FromMinutes(1), 1, count);
        var suggester = new HashSuggester();
        for (int number = 0; number < count; number++)
        {
            IReadOnlyList<TrialRecord> past = storage.GetTrials("two");
            ClaimResult claim = storage.Claim("two", request, new Proposal(number, suggester.Propose(past, number, 1)!));
            double[] values = HashSuggester.Evaluate(claim.Trial!.Parameters);
            for (int step = 1; number % 2 == 0 && step <= 4; step++)
                storage.Report(claim.Lease, step, step == 2 ? double.NaN : values[0] * step / 4);
            _ = (number % 10) switch
            {
                3 => storage.Fail(claim.Lease, "disk full", maxAttempts: 1),
                6 => storage.Prune(claim.Lease),
                9 => storage.SetAttribute(claim.Lease, "note", "still at it"),
                _ => storage.Complete(claim.Lease, values),
            };
        }
        IReadOnlyList<TrialRecord> trials = [.. storage.GetTrials("two").Select(trial => trial with { Started = null, Ended = null })];
        return (study, trials, TrialFront.Numbers(trials, study.Objectives));
    }
}
