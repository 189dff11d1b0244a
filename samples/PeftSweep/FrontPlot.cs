using MLNet.FineTune;
using ScottPlot;

namespace PeftSweep;

/// <summary>Accuracy against the number of trained parameters: all trials, and the front as a line.</summary>
internal static class FrontPlot
{
    /// <summary>Draws under a temporary name and moves the file into place.</summary>
    public static void Save(PeftSearchResult result, string path)
    {
        using var plot = new Plot();
        foreach (TrialRecord trial in result.Trials.Where(trial => trial.State == TrialState.Completed))
            plot.Add.Marker(Math.Log10(trial.Values[1]), trial.Values[0], size: 7, color: Colors.Gray);
        PeftSearchEntry[] front = [.. result.Front.OrderBy(entry => entry.Trial.Values[1])];
        var line = plot.Add.Scatter(
            (double[])[.. front.Select(entry => Math.Log10(entry.Trial.Values[1]))], (double[])[.. front.Select(entry => entry.Trial.Values[0])], Colors.Red);
        line.MarkerSize = 11;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
            IntegerTicksOnly = true,
            LabelFormatter = power => $"{Math.Pow(10, power):N0}",
        };
        plot.XLabel("trained parameters");
        plot.YLabel("validation accuracy");
        plot.Axes.Margins(horizontal: 0.1, vertical: 0.1);

        string temporary = $"{path}.{Guid.NewGuid():N}.tmp.png";
        try
        {
            plot.SavePng(temporary, 900, 600);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
