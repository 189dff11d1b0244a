using System.Text;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>Tables of text for people: the first column to the left, numbers to the right.</summary>
internal static class TextTable
{
    public static StringBuilder Format(params IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var table = new StringBuilder();
        foreach (string[] row in rows)
            table.AppendLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
        return table;
    }
}
