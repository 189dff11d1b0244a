using System.Globalization;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>How unsure a model is of texts.</summary>
public sealed class UncertaintyReport
{
    private readonly bool _passes;

    /// <param name="labels">What the model takes the texts for.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <param name="passes">The same under dropout, several times; empty for not at all.</param>
    internal UncertaintyReport(PseudoLabels labels, IReadOnlyList<string> classNames, IReadOnlyList<PseudoLabels> passes)
    {
        (ClassNames, _passes) = (classNames, passes.Count > 0);
        Rows = [.. Enumerable.Range(0, labels.Count).Select(row => Of(labels, row, passes))];
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Each row of the data, in its order.</summary>
    public IReadOnlyList<RowUncertainty> Rows { get; }

    /// <summary>The mean over all rows; a class is none.</summary>
    public RowUncertainty Mean => new(-1, Rows.Average(row => row.Entropy), Rows.Average(row => row.Margin), Rows.Average(row => row.LeastConfidence), Rows.Average(row => row.Disagreement));

    /// <summary>A table of text: rows and mean uncertainties by predicted class, then mean, median and ninth decile of all.</summary>
    public string ToTable()
    {
        List<string[]> lines = [["Predicted", "Rows", "Entropy", "Margin", "Least confidence", .. _passes ? (string[])["Disagreement"] : []]];
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

    private Func<RowUncertainty, double>[] Measures =>
        [row => row.Entropy, row => row.Margin, row => row.LeastConfidence, .. _passes ? (Func<RowUncertainty, double>[])[row => row.Disagreement!.Value] : []];

    private double Quantile(Func<RowUncertainty, double> measure, double share) => Rows.Select(measure).Order().ElementAt((int)(share * (Rows.Count - 1)));

    private static string Count(int rows) => rows.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static RowUncertainty Of(PseudoLabels labels, int row, IReadOnlyList<PseudoLabels> passes)
    {
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        foreach (float p in labels[row])
            (first, second) = p > first ? (p, first) : (first, Math.Max(second, p));
        return new RowUncertainty(labels.Label(row), labels.Entropy(row), 1.0 - (first - second), 1.0 - first, passes.Count == 0 ? null : Disagreement(passes, row));
    }

    private static double Disagreement(IReadOnlyList<PseudoLabels> passes, int row) =>
        1 - passes.GroupBy(pass => pass.Label(row)).Max(group => group.Count()) / (double)passes.Count;
}
