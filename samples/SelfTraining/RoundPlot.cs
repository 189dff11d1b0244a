using MLNet.FineTune;
using Samples;
using ScottPlot;

namespace SelfTraining;

/// <summary>Accuracy by round, and how many of the pseudo-labels were right.</summary>
internal static class RoundPlot
{
    /// <summary>Draws and saves.</summary>
    /// <param name="labelsAlone">The accuracy of training on the labelled texts alone.</param>
    /// <param name="rounds">The reports.</param>
    /// <param name="path">The picture, a PNG.</param>
    public static void Save(double labelsAlone, IReadOnlyList<SelfTrainingProgress> rounds, string path)
    {
        using var plot = new Plot();
        SelfTrainingProgress[] measured = [.. rounds.Where(round => round.ValidationMetric is not null)];
        var accuracy = plot.Add.Scatter([0, .. measured.Select(round => (double)round.Round)], (double[])[labelsAlone, .. measured.Select(round => round.ValidationMetric!.Value)]);
        (accuracy.LegendText, accuracy.LineWidth, accuracy.MarkerSize) = ("accuracy", 2, 9);
        SelfTrainingProgress[] known = [.. rounds.Where(round => round.PseudoLabelAccuracy is not null)];
        var labels = plot.Add.Scatter(known.Select(round => (double)round.Round).ToArray(), known.Select(round => round.PseudoLabelAccuracy!.Value).ToArray());
        (labels.LegendText, labels.LineWidth, labels.MarkerSize) = ("pseudo-labels that are right", 2, 9);
        var alone = plot.Add.HorizontalLine(labelsAlone);
        (alone.LegendText, alone.LinePattern) = ("labels alone", LinePattern.Dashed);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.XLabel("round");
        plot.YLabel("share");
        plot.Axes.Margins(horizontal: 0.1, vertical: 0.2);
        plot.ShowLegend(Edge.Right);
        PlotFile.Save(plot, path, 1000, 550);
    }
}
