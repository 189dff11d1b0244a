using System.Globalization;
using System.Text;

namespace MLNet.FineTune;

/// <summary>What a method trains of a model, tensor by tensor.</summary>
/// <param name="Parameters">All tensors, those of the model first.</param>
public sealed record ParameterReport(IReadOnlyList<ReportedParameter> Parameters)
{
    /// <summary>Numbers in all tensors, those the method adds among them.</summary>
    public long TotalCount => Parameters.Sum(p => p.Count);

    /// <summary>Numbers that train.</summary>
    public long TrainableCount => Parameters.Where(p => p.Trains).Sum(p => p.Count);

    /// <summary>Numbers that the method adds to the model.</summary>
    public long AddedCount => Parameters.Where(p => p.Added).Sum(p => p.Count);

    /// <summary>The share of all numbers that trains, 0 to 1.</summary>
    public double TrainableShare => TotalCount == 0 ? 0 : (double)TrainableCount / TotalCount;

    /// <summary>What trains as a table of text, a line for each tensor, and the totals below it.</summary>
    public string ToTable()
    {
        ReportedParameter[] rows = [.. Parameters.Where(p => p.Trains)];
        string[] shapes = [.. rows.Select(row => string.Join(" × ", row.Shape))];
        int name = Math.Max("parameter".Length, rows.Select(row => row.Name.Length).DefaultIfEmpty().Max());
        int shape = Math.Max("shape".Length, shapes.Select(text => text.Length).DefaultIfEmpty().Max());
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{"parameter".PadRight(name)}  {"shape".PadRight(shape)}  {"count",13}  origin");
        for (int i = 0; i < rows.Length; i++)
            table.AppendLine(CultureInfo.InvariantCulture, $"{rows[i].Name.PadRight(name)}  {shapes[i].PadRight(shape)}  {rows[i].Count,13:N0}  {(rows[i].Added ? "added" : "model")}");
        table.AppendLine(CultureInfo.InvariantCulture, $"{TrainableCount:N0} of {TotalCount:N0} parameters train ({100 * TrainableShare:0.###} %); {AddedCount:N0} are added.");
        return table.ToString();
    }
}
