using Microsoft.ML.Data;
using Spectre.Console;

namespace QuickStart;

/// <summary>What is taken for what: a matrix for as many labels as fit a terminal's width, else the most frequent mistakes.</summary>
internal static class ConfusionTable
{
    private const int LabelsInMatrix = 15;
    private const int MistakesShown = 15;

    public static void Show(ConfusionMatrix matrix, string[] labels)
    {
        bool fits = labels.Length <= LabelsInMatrix;
        AnsiConsole.WriteLine(fits ? "Confusion matrix: a row for each true label, a column for each predicted one" : "The most frequent mistakes");
        AnsiConsole.Write(fits ? Matrix(matrix, labels) : Mistakes(matrix, labels));
    }

    private static Table Matrix(ConfusionMatrix matrix, string[] labels)
    {
        int width = Math.Max(matrix.Counts.Max(row => row.Max(count => $"{count:F0}".Length)), $"{labels.Length}".Length);
        Table table = new Table().SimpleBorder().AddColumns("", "");
        table.Columns[0].RightAligned();
        for (int j = 0; j < labels.Length; j++)
            table.AddColumn(new TableColumn($"{j + 1}").RightAligned().Width(width).PadLeft(1).PadRight(0));
        for (int i = 0; i < labels.Length; i++)
            table.AddRow([$"{i + 1}", Markup.Escape(labels[i]), .. matrix.Counts[i].Select((count, j) => Cell(count, correct: i == j))]);
        return table;
    }

    private static string Cell(double count, bool correct) => count == 0 ? "[grey]·[/]" : correct ? $"[green]{count:F0}[/]" : $"[red]{count:F0}[/]";

    private static Table Mistakes(ConfusionMatrix matrix, string[] labels)
    {
        Table table = new Table().RoundedBorder().AddColumns("true label", "predicted", "rows");
        var mistakes =
            from i in Enumerable.Range(0, labels.Length)
            from j in Enumerable.Range(0, labels.Length)
            where i != j && matrix.Counts[i][j] > 0
            orderby matrix.Counts[i][j] descending
            select (True: labels[i], Predicted: labels[j], Rows: matrix.Counts[i][j]);
        foreach (var mistake in mistakes.Take(MistakesShown))
            table.AddRow(Markup.Escape(mistake.True), Markup.Escape(mistake.Predicted), $"[red]{mistake.Rows:F0}[/]");
        return table;
    }
}
