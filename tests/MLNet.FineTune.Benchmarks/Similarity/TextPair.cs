using System.Globalization;

namespace MLNet.FineTune.Benchmarks.Similarity;

/// <summary>Two texts and how alike people find them.</summary>
internal sealed class TextPair
{
    public string Text1 { get; set; } = "";
    public string Text2 { get; set; } = "";
    public double Score { get; set; }

    /// <exception cref="InvalidDataException">The file lacks a column, or a row is malformed.</exception>
    public static IReadOnlyList<TextPair> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines.Length == 0 ? [] : lines[0].Split('\t');
        int first = Array.IndexOf(header, "text1"), second = Array.IndexOf(header, "text2"), score = Array.IndexOf(header, "score");
        if (first < 0 || second < 0 || score < 0)
            throw new InvalidDataException($"{path}: the header is '{string.Join(", ", header)}'; expected columns 'text1', 'text2' and 'score', separated by tabs.");
        return [.. lines.Skip(1).Select((line, row) =>
        {
            string[] fields = line.Split('\t');
            return fields.Length == header.Length && double.TryParse(fields[score], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? new TextPair { Text1 = fields[first], Text2 = fields[second], Score = value }
                : throw new InvalidDataException($"{path}, line {row + 2}: expected {header.Length} fields, the score a number.");
        })];
    }
}
