using System.Globalization;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>How unsure a model is of texts.</summary>
public sealed class UncertaintyReport
{
    internal UncertaintyReport(PseudoLabels labels, IReadOnlyList<string> classNames)
    {
        ClassNames = classNames;
        Rows = [.. Enumerable.Range(0, labels.Count).Select(row => Of(labels, row))];
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Each row of the data, in its order.</summary>
    public IReadOnlyList<RowUncertainty> Rows { get; }

    /// <summary>The mean over all rows; a class is none.</summary>
    public RowUncertainty Mean => new(-1, Rows.Average(row => row.Entropy), Rows.Average(row => row.Margin), Rows.Average(row => row.LeastConfidence));

    /// <summary>A table of text: rows and mean uncertainties by predicted class, then mean, median and ninth decile of all.</summary>
    public string ToTable()
    {
        List<string[]> lines = [["Predicted", "Rows", "Entropy", "Margin", "Least confidence"]];
        for (int label = 0; label < ClassNames.Count; label++)
        {
            RowUncertainty[] rows = [.. Rows.Where(row => row.Predicted == label)];
            lines.Add([ClassNames[label], Count(rows.Length), .. Measures.Select(measure => rows.Length == 0 ? "" : Number(rows.Average(measure)))]);
        }
        lines.Add(["All: mean", Count(Rows.Count), .. Measures.Select(measure => Number(Rows.Average(measure)))]);
        lines.Add(["All: median", "", .. Measures.Select(measure => Number(Quantile(measure, 0.5)))]);
        lines.Add(["All: ninth decile", "", .. Measures.Select(measure => Number(Quantile(measure, 0.9)))]);
        return TextTable.Format(lines).ToString();
    }

    private static Func<RowUncertainty, double>[] Measures { get; } = [row => row.Entropy, row => row.Margin, row => row.LeastConfidence];

    private double Quantile(Func<RowUncertainty, double> measure, double share) => Rows.Select(measure).Order().ElementAt((int)(share * (Rows.Count - 1)));

    private static string Count(int rows) => rows.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static RowUncertainty Of(PseudoLabels labels, int row)
    {
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        foreach (float p in labels[row])
            (first, second) = p > first ? (p, first) : (first, Math.Max(second, p));
        return new RowUncertainty(labels.Label(row), labels.Entropy(row), 1.0 - (first - second), 1.0 - first);
    }
}
