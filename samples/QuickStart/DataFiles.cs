namespace QuickStart;

/// <summary>How much data there is.</summary>
internal sealed record DataSummary(int TrainRows, int TestRows, int Labels);

/// <summary>Checks the data files before any work, so that a slip in them is told with file and line.</summary>
internal static class DataFiles
{
    private const string Header = "text\tlabel";
    private const int LabelsShown = 20;

    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not <c>text&lt;TAB&gt;label</c>, or the test data have a label that the training data lack.</exception>
    public static DataSummary Check(string trainFile, string testFile)
    {
        var labels = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int testRows = 0;
        foreach ((_, _, string label) in Rows(trainFile))
            labels[label] = labels.GetValueOrDefault(label) + 1;
        if (labels.FirstOrDefault(label => label.Value == 1).Key is { } single)
            throw new InvalidDataException($"{trainFile}: the label '{single}' has a single row; expected at least two, one to learn from and one to validate with.");
        foreach ((int line, _, string label) in Rows(testFile))
        {
            if (!labels.ContainsKey(label))
                throw new InvalidDataException(
                    $"{testFile}, line {line}: the label '{label}' is not in {trainFile}, which has {labels.Count}: {string.Join(", ", labels.Keys.Take(LabelsShown))}{(labels.Count > LabelsShown ? ", …" : "")}.");
            testRows++;
        }
        return new DataSummary(labels.Values.Sum(), testRows, labels.Count);
    }

    /// <summary>A few texts, taken from all over a file.</summary>
    public static IEnumerable<string> Texts(string file, int count)
    {
        string[] all = [.. Rows(file).Select(row => row.Text)];
        return Enumerable.Range(0, Math.Min(count, all.Length)).Select(i => all[(2 * i + 1) * all.Length / (2 * Math.Min(count, all.Length))]);
    }

    private static IEnumerable<(int Line, string Text, string Label)> Rows(string file)
    {
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no file '{Path.GetFullPath(file)}'.");
        int line = 0;
        bool any = false;
        foreach (string row in File.ReadLines(file))
        {
            line++;
            if (line == 1)
            {
                if (row != Header)
                    throw new InvalidDataException($"{file}, line 1: the header is '{Shorten(row)}'; expected 'text<TAB>label'.");
                continue;
            }
            string[] fields = row.Split('\t');
            if (fields.Length != 2 || fields.Any(string.IsNullOrWhiteSpace))
                throw new InvalidDataException($"{file}, line {line}: expected a text and a label with one tab between them; found {fields.Length} {(fields.Length == 1 ? "field" : "fields")}: '{Shorten(row)}'.");
            if (row.StartsWith("//", StringComparison.Ordinal))
                throw new InvalidDataException($"{file}, line {line}: ML.NET's text loader takes a line that starts with // for a comment; put a space before it: '{Shorten(row)}'.");
            any = true;
            yield return (line, fields[0], fields[1]);
        }
        if (!any)
            throw new InvalidDataException($"{file} has no rows; expected the header 'text<TAB>label' and a text and its label on each line below.");
    }

    private static string Shorten(string row)
    {
        const int Shown = 60;
        string visible = row.Replace("\t", "<TAB>", StringComparison.Ordinal);
        return visible.Length > Shown ? visible[..Shown] + "…" : visible;
    }
}
