using MLNet.FineTune;
using Samples;
using ScottPlot;

namespace PeftSweep;

/// <summary>Accuracy against the number of trained parameters: all trials, and the front as a line.</summary>
internal static class FrontPlot
{
    /// <summary>Draws and saves.</summary>
    public static void Save(PeftSearchResult result, string path)
    {
        using var plot = new Plot();
        foreach (TrialRecord trial in result.Trials.Where(trial => trial.State == TrialState.Completed))
            plot.Add.Marker(Math.Log10(trial.Values[1]), trial.Values[0], size: 7, color: Colors.Gray);
        PeftSearchEntry[] front = [.. result.Front.OrderBy(entry => entry.Trial.Values[1])];
        var line = plot.Add.Scatter(
            (double[])[.. front.Select(entry => Math.Log10(entry.Trial.Values[1]))], (double[])[.. front.Select(entry => entry.Trial.Values[0])], Colors.Red);
        line.MarkerSize = 11;
        PlotFile.UseParameterAxis(plot);
        plot.YLabel("validation accuracy");
        plot.Axes.Margins(horizontal: 0.1, vertical: 0.1);
        PlotFile.Save(plot, path);
    }
}
