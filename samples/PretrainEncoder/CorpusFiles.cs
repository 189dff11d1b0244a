using System.IO.Compression;

namespace PretrainEncoder;

/// <summary>A paragraph, with what it stands in and under.</summary>
internal sealed class CorpusRow
{
    public string Document { get; set; } = "";
    public string Heading { get; set; } = "";
    public string Text { get; set; } = "";
    public string Source { get; set; } = "";
}

/// <summary>Reads a corpus of <c>*.tsv.gz</c> files: document, heading, paragraph in each line, no header.</summary>
internal static class CorpusFiles
{
    /// <exception cref="ArgumentException">The folder has no such files.</exception>
    public static string[] List(string folder)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.tsv.gz").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new ArgumentException($"--corpus '{folder}' holds no *.tsv.gz files; expected gzipped lines of document, heading and paragraph, tab-separated.");
    }

    public static IEnumerable<CorpusRow> Read(string folder)
    {
        foreach (string path in List(folder))
        {
            string source = Path.GetFileName(path);
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            for (int line = 1; reader.ReadLine() is { } text; line++)
            {
                string[] columns = text.Split('\t');
                if (columns.Length != 3)
                    throw new InvalidDataException($"{path}, line {line}: found {columns.Length} columns; expected 3: document, heading, paragraph.");
                yield return new CorpusRow { Document = columns[0], Heading = columns[1], Text = columns[2], Source = source };
            }
        }
    }
}
