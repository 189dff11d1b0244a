using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace QuickStart;

/// <summary>How good a model is on test data, as a whole and label by label.</summary>
internal static class MetricsReport
{
    /// <param name="metrics">The evaluation of the scored test data.</param>
    /// <param name="scored">The scored test data, whose schema names the labels.</param>
    public static void Show(MulticlassClassificationMetrics metrics, IDataView scored)
    {
        string[] labels = LabelNames(scored);
        AnsiConsole.MarkupLineInterpolated($"micro accuracy [green]{metrics.MicroAccuracy:F3}[/]   macro accuracy [green]{metrics.MacroAccuracy:F3}[/]   log-loss [green]{metrics.LogLoss:F3}[/]");

        Table table = new Table().RoundedBorder().AddColumns("", "label", "rows", "precision", "recall", "F1");
        foreach (int numeric in (int[])[0, 2, 3, 4, 5])
            table.Columns[numeric].RightAligned();
        for (int i = 0; i < labels.Length; i++)
        {
            double precision = metrics.ConfusionMatrix.PerClassPrecision[i], recall = metrics.ConfusionMatrix.PerClassRecall[i];
            double f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
            table.AddRow($"{i + 1}", Markup.Escape(labels[i]), $"{metrics.ConfusionMatrix.Counts[i].Sum():F0}", $"{precision:F2}", $"{recall:F2}", $"{f1:F2}");
        }
        AnsiConsole.Write(table);
        ConfusionTable.Show(metrics.ConfusionMatrix, labels);
    }

    /// <summary>The labels in the order of the scores, and so of the metrics.</summary>
    private static string[] LabelNames(IDataView scored)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
