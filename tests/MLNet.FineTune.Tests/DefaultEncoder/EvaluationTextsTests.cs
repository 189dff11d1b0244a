using System.Buffers;
using System.IO.Compression;
using System.Text;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune.Tests.DefaultEncoder;

/// <summary>What the default encoder is judged by is not in what it was trained on.</summary>
[TestClass]
public sealed class EvaluationTextsTests
{
    private static readonly string[] TextColumns = ["text", "text1", "text2", "sentence1", "sentence2", "question", "context"];

    [TestMethod]
    public void NoEvaluationTextOccursInTheTrainingCorpus()
    {
        string corpus = SharedData.Require("corpus"), data = SharedData.Require("data");
        string[] texts = [.. Directory.EnumerateFiles(data, "*.tsv", SearchOption.AllDirectories).Where(path => Path.GetFileNameWithoutExtension(path) is "test" or "dev").SelectMany(Texts)];
        Assert.IsGreaterThan(30_000, texts.Length);
        var filter = new Decontamination(texts);
        // Independent of how the filter works: plain search for any of the texts, words in lower case between single blanks.
        SearchValues<string> normalized = SearchValues.Create([.. texts.Select(Normalize).Where(text => text.Split(' ').Length - 2 >= Decontamination.LeastWords).Distinct()], StringComparison.Ordinal);

        int kept = 0, dropped = 0;
        foreach (string file in Directory.GetFiles(corpus, "*.tsv.gz"))
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            while (reader.ReadLine() is { } line)
            {
                string[] columns = line.Split('\t');
                if (filter.OccursIn(columns[1]) || filter.OccursIn(columns[2]))
                {
                    dropped++;
                    continue;
                }
                kept++;
                foreach (string part in columns[1..])
                    Assert.IsFalse(Normalize(part).AsSpan().ContainsAny(normalized), $"{file}: {part}");
            }
        }
        Assert.IsGreaterThan(400_000, kept);
        Assert.IsLessThan(1_000, dropped);
    }

    private static IEnumerable<string> Texts(string path)
    {
        string[] lines = File.ReadAllLines(path);
        int[] columns = [.. lines[0].Split('\t').Index().Where(column => TextColumns.Contains(column.Item)).Select(column => column.Index)];
        return lines.Skip(1).Select(line => line.Split('\t')).SelectMany(fields => columns.Where(column => column < fields.Length).Select(column => fields[column]));
    }

    private static string Normalize(string text)
    {
        var words = new StringBuilder(" ");
        foreach (char c in text)
            if (char.IsLetterOrDigit(c))
                words.Append(char.ToLowerInvariant(c));
            else if (words[^1] != ' ')
                words.Append(' ');
        return (words[^1] == ' ' ? words : words.Append(' ')).ToString();
    }
}
