namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>A data set of labelled texts in a folder: <c>train.tsv</c>, and <c>test.tsv</c> or, where there is none, <c>dev.tsv</c>.</summary>
internal sealed record TsvDataSet(string Name, IReadOnlyList<TextRow> Train, IReadOnlyList<TextRow> Test)
{
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file has no text or label column, or a row has too few fields.</exception>
    public static TsvDataSet Read(string directory, string name)
    {
        string folder = Path.Combine(directory, name);
        string test = Path.Combine(folder, "test.tsv");
        return new TsvDataSet(name, ReadFile(Path.Combine(folder, "train.tsv")), ReadFile(File.Exists(test) ? test : Path.Combine(folder, "dev.tsv")));
    }

    /// <summary>The same with some of the test rows, always the same ones.</summary>
    /// <param name="most">How many at most; null for all.</param>
    public TsvDataSet WithTest(int? most)
    {
        TextRow[] test = [.. Test];
        new Random(0).Shuffle(test);
        return this with { Test = test[..Math.Min(test.Length, most ?? test.Length)] };
    }

    private static List<TextRow> ReadFile(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines.Length == 0 ? [] : lines[0].Split('\t');
        int text = Array.IndexOf(header, "text"), label = Array.IndexOf(header, "label");
        if (text < 0 || label < 0)
            throw new InvalidDataException($"{path}: the header is '{string.Join(", ", header)}'; expected columns 'text' and 'label', separated by tabs.");

        var rows = new List<TextRow>(lines.Length);
        for (int i = 1; i < lines.Length; i++)
        {
            string[] fields = lines[i].Split('\t');
            if (fields.Length <= Math.Max(text, label))
                throw new InvalidDataException($"{path}, line {i + 1}: {fields.Length} fields; expected {header.Length}.");
            rows.Add(new TextRow { Text = fields[text], Label = fields[label] });
        }
        return rows;
    }
}
