namespace PretrainEncoder;

/// <summary>The texts that an encoder will be judged by, which must not be among those it learns from.</summary>
internal static class EvaluationTexts
{
    private static readonly string[] TextColumns = ["text", "text1", "text2", "sentence1", "sentence2", "question", "context"];

    /// <summary>Reads the text columns of all <c>test.tsv</c> and <c>dev.tsv</c> files below a folder.</summary>
    public static string[] Read(string folder) =>
    [
        .. from path in Directory.EnumerateFiles(folder, "*.tsv", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
           where Path.GetFileNameWithoutExtension(path) is "test" or "dev"
           from text in ReadFile(path)
           select text,
    ];

    private static IEnumerable<string> ReadFile(string path)
    {
        using var reader = new StreamReader(path);
        string[] header = reader.ReadLine()?.Split('\t') ?? [];
        int[] columns = [.. header.Index().Where(column => TextColumns.Contains(column.Item)).Select(column => column.Index)];
        while (reader.ReadLine() is { } line)
        {
            string[] values = line.Split('\t');
            foreach (int column in columns)
                if (column < values.Length)
                    yield return values[column];
        }
    }
}
