using Samples;
using ScottPlot;

namespace PeftTour;

/// <summary>Accuracy against the number of trained parameters.</summary>
internal static class ScatterPlot
{
    /// <summary>Draws and saves.</summary>
    public static void Save(IReadOnlyList<Result> results, string path)
    {
        using var plot = new Plot();
        foreach ((int index, Result result) in results.OrderBy(result => result.Trained).Index())
        {
            double x = Math.Log10(result.Trained);
            plot.Add.Marker(x, result.Accuracy, size: 10);
            var label = plot.Add.Text(result.Method.MethodName, x, result.Accuracy);
            label.OffsetX = 8;
            label.OffsetY = index % 2 == 0 ? -20 : 2; // neighbours do not cover each other
            label.LabelFontSize = 14;
        }
        PlotFile.UseParameterAxis(plot);
        plot.YLabel("accuracy");
        plot.Axes.Margins(horizontal: 0.2, vertical: 0.1);
        PlotFile.Save(plot, path);
    }
}
