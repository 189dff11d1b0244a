using ScottPlot;

namespace Samples;

/// <summary>Plots as files.</summary>
internal static class PlotFile
{
    /// <summary>Saves a plot.</summary>
    /// <inheritdoc cref="Save(string, Action{string})"/>
    public static void Save(Plot plot, string path, int width = 900, int height = 600) => Save(path, file => plot.SavePng(file, width, height));

    /// <summary>Draws under a temporary name and moves the file into place.</summary>
    public static void Save(string path, Action<string> draw)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp.png";
        try
        {
            draw(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Makes the horizontal axis one of trained parameters, of which powers of ten are drawn.</summary>
    public static void UseParameterAxis(Plot plot)
    {
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
            IntegerTicksOnly = true,
            LabelFormatter = power => $"{Math.Pow(10, power):N0}",
        };
        plot.XLabel("trained parameters");
    }
}
