using System.Globalization;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>What labelling functions did on data: how much they cover, how often they meet and disagree, and, where true labels are known, how often they are right.</summary>
/// <param name="Functions">The functions, in the order of the votes.</param>
/// <param name="RowCount">Rows in all.</param>
/// <param name="Coverage">The share of rows with a vote.</param>
/// <param name="Overlap">The share of rows with two votes or more.</param>
/// <param name="Conflict">The share of rows with votes for different classes.</param>
public sealed record LabelingReport(IReadOnlyList<LabelingFunctionReport> Functions, int RowCount, double Coverage, double Overlap, double Conflict)
{
    /// <summary>The report as a table of text, a line for each function, and the totals below it.</summary>
    public string ToTable() => ToTable(null);

    /// <param name="estimates">By function, what a label model takes its accuracy to be; null for none.</param>
    internal string ToTable(IReadOnlyList<double>? estimates)
    {
        bool known = Functions.Any(function => function.Accuracy is not null);
        string[] header = ["function", "polarity", "coverage", "overlap", "conflict", .. known ? (string[])["accuracy"] : [], .. estimates is null ? [] : (string[])["estimate"]];
        var table = TextTable.Format([header, .. Functions.Select((function, i) => (string[])
        [
            function.Name, string.Join('|', function.Polarity), Percent(function.Coverage), Percent(function.Overlap), Percent(function.Conflict),
            .. known ? (string[])[Percent(function.Accuracy)] : [],
            .. estimates is null ? [] : (string[])[Percent(estimates[i])],
        ])]);
        table.AppendLine(CultureInfo.InvariantCulture, $"{RowCount:N0} rows: {Percent(Coverage)} have a vote, {Percent(Overlap)} two or more, {Percent(Conflict)} different ones.");
        return table.ToString();
    }

    /// <param name="votes">The votes.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <param name="labels">The true class of each row, −1 where it is not known; empty where none is.</param>
    internal static LabelingReport Of(VoteMatrix votes, IReadOnlyList<string> classNames, IReadOnlyList<int> labels)
    {
        int functions = votes.FunctionCount;
        double rows = votes.Rows.Count;
        var counts = new FunctionCounts[functions];
        for (int i = 0; i < functions; i++)
            counts[i] = new FunctionCounts(votes.ClassCount);
        double covered = 0, overlapping = 0, conflicting = 0;
        for (int i = 0; i < votes.Patterns.Count; i++)
        {
            int[] cast = [.. votes.Patterns[i].Where(vote => vote != VoteMatrix.Abstain)];
            bool conflict = cast.Distinct().Skip(1).Any();
            covered += cast.Length > 0 ? votes.Counts[i] : 0;
            overlapping += cast.Length > 1 ? votes.Counts[i] : 0;
            conflicting += conflict ? votes.Counts[i] : 0;
            for (int function = 0; function < functions; function++)
                if (votes.Patterns[i][function] != VoteMatrix.Abstain)
                    counts[function].Add(votes.Patterns[i][function], votes.Counts[i], cast.Length > 1, conflict);
        }
        for (int row = 0; row < labels.Count; row++)
            for (int function = 0; function < functions; function++)
                if (labels[row] != LabelColumn.Missing && votes.Patterns[votes.Rows[row]][function] is var vote && vote != VoteMatrix.Abstain)
                    counts[function].Compare(vote == labels[row]);
        return new LabelingReport(
            [.. counts.Select((count, function) => count.ToReport(votes.FunctionNames[function], classNames, rows, labels.Any(label => label != LabelColumn.Missing)))],
            votes.Rows.Count, covered / rows, overlapping / rows, conflicting / rows);
    }

    private static string Percent(double? share) => share is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "";

    private sealed class FunctionCounts(int classCount)
    {
        private readonly bool[] _polarity = new bool[classCount];
        private double _votes, _overlaps, _conflicts;
        private int _correct, _compared;

        public void Add(int vote, double rows, bool overlap, bool conflict)
        {
            _polarity[vote] = true;
            _votes += rows;
            _overlaps += overlap ? rows : 0;
            _conflicts += conflict ? rows : 0;
        }

        public void Compare(bool correct)
        {
            _compared++;
            _correct += correct ? 1 : 0;
        }

        public LabelingFunctionReport ToReport(string name, IReadOnlyList<string> classNames, double rows, bool labelled) => new(
            name, [.. classNames.Where((_, label) => _polarity[label])], (int)_votes, _votes / rows, _overlaps / rows, _conflicts / rows,
            labelled ? _correct : null, _compared > 0 ? (double)_correct / _compared : null);
    }
}
