using System.Diagnostics;
using MLNet.FineTune.Search;
using Spectre.Console;

namespace MLNet.FineTune;

/// <summary>
/// Shows a search in the terminal as it runs: how many trials are done, running, pruned and failed, the best value of each objective, the front as a table, and the
/// time that is left. Where the output is no terminal it writes a line now and then instead.
/// </summary>
/// <example><code>
/// var view = new SearchConsole();
/// PeftSearchResult result = view.Run(() => ml.FineTuning().SearchPeft(new PeftSearchOptions { TrainingSet = train, Progress = view }));
/// </code></example>
public sealed class SearchConsole : IProgress<SearchProgress>
{
    private static readonly TimeSpan TableInterval = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private LiveDisplayContext? _live;
    private SearchProgress? _latest;
    private SearchProgress? _printed;

    /// <summary>A view in a terminal.</summary>
    /// <param name="console">Where to write; null for the standard output.</param>
    public SearchConsole(IAnsiConsole? console = null) => _console = console ?? AnsiConsole.Console;

    /// <summary>The most trials of the front that the table shows, the best by the first objective first.</summary>
    /// <value>Default 12; at least 1.</value>
    public int MaxRows
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 12;

    /// <summary>The time between lines where the output is no terminal; a line is written when trials have ended since, and one at the end.</summary>
    /// <value>Default 10 seconds.</value>
    public TimeSpan LineInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shows what is reported while a search runs, and its last state when it ends.</summary>
    /// <typeparam name="T">What the search gives.</typeparam>
    /// <param name="search">Runs a search whose <see cref="SearchOptions.Progress"/> is this view.</param>
    /// <returns>What it gives.</returns>
    public T Run<T>(Func<T> search)
    {
        ArgumentNullException.ThrowIfNull(search);
        if (!_console.Profile.Out.IsTerminal)
            return RunAndShowLast(search, WriteLine);
        return _console.Live(new Text("Preparing …")).Start(context =>
        {
            _live = context;
            try
            {
                return RunAndShowLast(search, Update);
            }
            finally
            {
                _live = null;
            }
        });
    }

    /// <inheritdoc/>
    public void Report(SearchProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _latest = value;
        if (_live is not null && _sinceShown.Elapsed >= TableInterval)
            Update();
        else if (_live is null && Finished(value) > (_printed is null ? 0 : Finished(_printed)) && (_printed is null || _sinceShown.Elapsed >= LineInterval || Finished(value) == value.MaxTrials))
            WriteLine();
    }

    private static int Finished(SearchProgress progress) => progress.Completed + progress.Pruned + progress.Failed;

    private static T RunAndShowLast<T>(Func<T> search, Action show)
    {
        try
        {
            return search();
        }
        finally
        {
            show();
        }
    }

    private void Update()
    {
        if (_latest is null)
            return;
        _live!.UpdateTarget(SearchView.Table(_latest, MaxRows));
        _sinceShown.Restart();
    }

    private void WriteLine()
    {
        if (_latest is null || _printed is not null && Finished(_printed) == Finished(_latest))
            return;
        _printed = _latest;
        _console.Profile.Out.Writer.WriteLine(SearchView.Line(_latest)); // whole, however wide the console takes itself to be
        _sinceShown.Restart();
    }
}
