using Spectre.Console;

namespace WeakSupervision;

/// <summary>The tables of the output.</summary>
internal static class Tables
{
    /// <param name="rows">Label model, share of the texts it labels, and share of those labels that are right.</param>
    public static void LabelModels(IEnumerable<(string Name, double Labeled, double Right)> rows) =>
        Show(["label model", "texts with a label", "of them right"], rows.Select(row => (string[])[row.Name, $"{row.Labeled:P1}", $"{row.Right:P1}"]));

    /// <param name="rows">What classifies, its accuracy, and how long it took to make.</param>
    public static void Accuracies(IEnumerable<(string Name, double Accuracy, double Seconds)> rows) =>
        Show(["classifier", "accuracy on test texts", "seconds"], rows.Select(row => (string[])[row.Name, $"{row.Accuracy:F3}", $"{row.Seconds:F1}"]));

    private static void Show(string[] header, IEnumerable<string[]> rows)
    {
        Table table = new Table().RoundedBorder().AddColumns(header);
        foreach (TableColumn column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (string[] row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}
