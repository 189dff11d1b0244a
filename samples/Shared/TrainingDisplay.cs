using System.Diagnostics;
using MLNet.FineTune;
using Spectre.Console;

namespace Samples;

/// <summary>Shows a training as it runs: a table with a row an epoch, the last one live; plain lines where the output is no terminal.</summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>
{
    private const int EpochsShown = 12;
    private static readonly TimeSpan TableInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    /// <summary>The latest report of each epoch.</summary>
    private readonly List<TrainingProgress> _epochs = [];
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private TrainingProgress? _printed;
    private LiveDisplayContext? _live;

    /// <summary>Shows what is reported while something runs.</summary>
    public T Run<T>(Func<T> train)
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
            return RunAndShowLast(train, PrintLine);
        return AnsiConsole.Live(Table()).Start(context =>
        {
            _live = context;
            return RunAndShowLast(train, UpdateTable);
        });
    }

    public void Report(TrainingProgress value)
    {
        if (_epochs.Count > 0 && Math.Ceiling(_epochs[^1].Epoch) == Math.Ceiling(value.Epoch))
        {
            _epochs[^1] = value;
        }
        else
        {
            if (_live is null)
                PrintLine();
            _epochs.Add(value);
        }
        if (_live is not null && _sinceShown.Elapsed >= TableInterval)
            UpdateTable();
        else if (_live is null && _sinceShown.Elapsed >= LineInterval)
            PrintLine();
    }

    private static T RunAndShowLast<T>(Func<T> train, Action show)
    {
        try
        {
            return train();
        }
        finally
        {
            show();
        }
    }

    private void UpdateTable()
    {
        _live!.UpdateTarget(Table());
        _sinceShown.Restart();
    }

    private Table Table()
    {
        Table table = new Table().RoundedBorder().AddColumns("epoch", "step", "loss", "learning rate", "validation loss", "rows/s", "time left");
        foreach (TableColumn column in table.Columns)
            column.RightAligned();
        if (_epochs.Count == 0)
            table.Caption("Preparing: tokenising the texts …");
        foreach (TrainingProgress epoch in _epochs.TakeLast(EpochsShown))
            table.AddRow(
                $"{epoch.Epoch:F1}", $"{epoch.Step} of {epoch.TotalSteps}", $"{epoch.Loss:F3}", $"{epoch.LearningRate:0.0e-0}",
                $"{epoch.ValidationMetric:F3}", $"{epoch.RowsPerSecond:F0}", $"{Time(epoch.Remaining)}");
        return table;
    }

    private void PrintLine()
    {
        if (_epochs.Count == 0 || _epochs[^1] == _printed)
            return;
        TrainingProgress at = _printed = _epochs[^1];
        AnsiConsole.WriteLine(
            $"epoch {at.Epoch,4:F1}  step {at.Step,4} of {at.TotalSteps}  loss {at.Loss:F3}  learning rate {at.LearningRate:0.0e-0}  " +
            $"{(at.ValidationMetric is { } metric ? $"validation loss {metric:F3}  " : "")}{at.RowsPerSecond:F0} rows/s  {Time(at.Remaining)} left");
        _sinceShown.Restart();
    }

    private static string Time(TimeSpan time) => time.ToString(time.TotalHours < 1 ? "m\\:ss" : "h\\:mm\\:ss", System.Globalization.CultureInfo.InvariantCulture);
}
