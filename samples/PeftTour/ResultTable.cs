using Spectre.Console;

namespace PeftTour;

/// <summary>The results, best first.</summary>
internal static class ResultTable
{
    public static void Show(IEnumerable<Result> results)
    {
        Table table = new Table().RoundedBorder().AddColumns("method", "accuracy", "trained", "of all", "seconds");
        foreach (TableColumn column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (Result result in results.OrderByDescending(result => result.Accuracy).ThenBy(result => result.Trained))
            table.AddRow(Markup.Escape(result.Method.Format()), $"{result.Accuracy:F3}", $"{result.Trained:N0}", $"{result.Share:P1}", $"{result.Seconds:F1}");
        AnsiConsole.Write(table);
    }
}
