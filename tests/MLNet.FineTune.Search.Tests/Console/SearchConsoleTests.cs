using Microsoft.ML;
using MLNet.FineTune.Search.Tests.Fixtures;
using Spectre.Console;

namespace MLNet.FineTune.Search.Tests;

[TestClass]
public sealed class SearchConsoleTests : IDisposable
{
    private readonly StringWriter _output = new();

    [TestMethod]
    public void LinesTellWhereTheSearchStands()
    {
        var view = new SearchConsole(Plain());
        view.Report(Progress(completed: 2));
        string line = _output.ToString().Trim();
        Assert.AreEqual("4 of 10 trials: 2 done, 1 running, 1 pruned, 1 failed; 2 on the front; best accuracy 0.9 (trial 0), parameters 1,234 (trial 3); 1:05 so far, 0:07 left", line);
        view.Report(Progress(completed: 2));
        view.Report(Progress(completed: 3));
        Assert.AreEqual(line, _output.ToString().Trim(), "nothing new, and then not yet time for a line");
        view.Report(Progress(completed: 8));
        Assert.HasCount(2, Lines(), "the last one is written at once");
    }

    [TestMethod]
    public void LineIsWrittenForEachEndWhereAskedFor()
    {
        var view = new SearchConsole(Plain()) { LineInterval = TimeSpan.Zero };
        for (int completed = 0; completed < 6; completed++)
            view.Report(Progress(completed));
        Assert.HasCount(6, Lines());
    }

    [TestMethod]
    public void SearchWithoutTerminalEndsWithALine()
    {
        var ml = new MLContext(seed: 1);
        var view = new SearchConsole(Plain());
        PeftSearchOptions options = TinySearch.Options(ml, trials: 3);
        options.Progress = view;
        PeftSearchResult result = view.Run(() => ml.FineTuning().SearchPeft(options));
        Assert.StartsWith("3 of 3 trials: 3 done, 0 running, 0 pruned, 0 failed", Lines()[^1]);
        Assert.Contains($"{result.Front.Count} on the front", Lines()[^1]);
        Assert.DoesNotContain("\u001b", _output.ToString());
    }

    [TestMethod]
    public void TerminalShowsTheFrontAsATable()
    {
        var view = new SearchConsole(Terminal()) { MaxRows = 1 };
        Assert.AreEqual(7, view.Run(() =>
        {
            view.Report(Progress(completed: 1));
            view.Report(Progress(completed: 2));
            return 7;
        }));
        string output = _output.ToString();
        Assert.Contains("accuracy", output);
        Assert.Contains("0.9", output);
        Assert.Contains("lora[0]", output, "what a trial tries is text, not markup");
        Assert.DoesNotContain("rank 8, rate 0.0001", output, "the second row is left out");
        Assert.Contains("and 1 more on the front", output);
        Assert.Contains("4 of 10 trials", output);
    }

    [TestMethod]
    public void ErrorOfTheSearchComesThrough()
    {
        var view = new SearchConsole(Terminal());
        Assert.ThrowsExactly<IOException>(() => view.Run<int>(() => throw new IOException("gone")));
        view.Report(Progress(completed: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SearchConsole(Plain()) { MaxRows = 0 });
    }

    public void Dispose() => _output.Dispose();

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static SearchProgress Progress(int completed) => new()
    {
        Study = "peft [1]",
        Running = [Trial(9)],
        Waiting = 0,
        Completed = completed,
        Failed = 1,
        Pruned = 1,
        MaxTrials = 10,
        Best = null,
        Objectives = [new("accuracy", ObjectiveDirection.Maximize), new("parameters", ObjectiveDirection.Minimize)],
        Front = completed == 0 ? [] :
        [
            Trial(0) with { Values = [0.9, 123456], Attributes = new Dictionary<string, object> { ["method"] = "lora[0]" } },
            Trial(3) with { Values = [0.8, 1234], Parameters = new Dictionary<string, object> { ["rank"] = 8L, ["rate"] = 1e-4 } },
        ],
        Elapsed = TimeSpan.FromSeconds(65),
        Remaining = TimeSpan.FromSeconds(7),
    };

    private static TrialRecord Trial(int number) => new() { Number = number, State = TrialState.Completed, Parameters = new Dictionary<string, object>() };

    private IAnsiConsole Plain() => AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new Output(_output, terminal: false) });

    private IAnsiConsole Terminal() => AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new Output(_output, terminal: true) });

    private sealed class Output(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => 200;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
