using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Benchmarks;

/// <summary>Prints each result as a JSON object on a line of standard output, and all of them as a Markdown table at the end.</summary>
internal sealed class Report(string suite)
{
    // µ and the like stay readable: the lines are for people too, and never part of HTML.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<JsonObject> _rows = [];

    /// <summary>Adds a result and prints its line.</summary>
    /// <param name="name">The case.</param>
    /// <param name="value">What was measured.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="more">Further fields.</param>
    public void Add(string name, double value, string unit, params (string Key, JsonNode? Value)[] more)
    {
        var row = new JsonObject { ["suite"] = suite, ["case"] = name, ["value"] = Round(value), ["unit"] = unit };
        foreach (var (key, extra) in more)
            row[key] = extra is JsonValue number && number.TryGetValue(out double d) ? Round(d) : extra?.DeepClone();
        _rows.Add(row);
        Console.WriteLine(row.ToJsonString(Json));
    }

    /// <summary>Prints the table; nothing where there are no results.</summary>
    public void PrintTable()
    {
        if (_rows.Count == 0)
            return;
        string[] columns = [.. _rows.SelectMany(row => row.Select(field => field.Key)).Where(key => key != "suite").Distinct()];
        var table = new StringBuilder();
        table.AppendLine().Append("| ").AppendJoin(" | ", columns).AppendLine(" |");
        table.Append('|').Insert(table.Length, " --- |", columns.Length).AppendLine();
        foreach (JsonObject row in _rows)
            table.Append("| ").AppendJoin(" | ", columns.Select(column => row[column]?.ToString() ?? "")).AppendLine(" |");
        Console.WriteLine(table);
    }

    /// <summary>Says on standard error what is going on.</summary>
    public static void Progress(string message) => Console.Error.WriteLine($"[{DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}] {message}");

    private static double Round(double value) => value == 0 || !double.IsFinite(value) ? value : double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
