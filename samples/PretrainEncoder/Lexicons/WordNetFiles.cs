using System.Globalization;
using System.Text.RegularExpressions;

namespace PretrainEncoder;

/// <summary>
/// Reads WordNet's database (Fellbaum 1998; the format is its wndb(5WN)) as a corpus: for each set of synonyms a document, headed by
/// the synonyms, with its definition, the words of the sets it is tied to, and its examples as paragraphs.
/// </summary>
/// <remarks>Pairs of a heading and a paragraph then say which words mean much the same.</remarks>
internal static partial class WordNetFiles
{
    private const int MostRelatedWords = 16;

    /// <summary>Kinds of pointers that lead to words of like meaning; antonyms and domains do not.</summary>
    private const string RelatedKinds = "@ @i ~ ~i & = #p %p * > \\ ^ +";

    private static readonly string[] Names = ["data.noun", "data.verb", "data.adj", "data.adv"];

    /// <exception cref="ArgumentException">The folder lacks one of the files.</exception>
    public static string[] List(string folder) =>
    [
        .. Names.Select(name => Path.Combine(folder, name) is var path && File.Exists(path)
            ? path : throw new ArgumentException($"--wordnet '{folder}' holds no {name}; expected WordNet's files {string.Join(", ", Names)}.")),
    ];

    public static IEnumerable<CorpusRow> Read(string folder)
    {
        var sets = new Dictionary<string, SynonymSet>();
        foreach (string path in List(folder))
            foreach ((int index, string line) in File.ReadLines(path).Index())
                if (!line.StartsWith("  ", StringComparison.Ordinal)) // the licence
                {
                    SynonymSet set = SynonymSet.Parse(line) ?? throw new InvalidDataException($"{path}, line {index + 1}: not a set of synonyms as WordNet's data files have them.");
                    sets[set.Key] = set;
                }

        foreach (SynonymSet set in sets.Values)
        {
            string[] related = [.. set.Related.SelectMany(key => sets.GetValueOrDefault(key)?.Words ?? []).Except(set.Words).Distinct().Take(MostRelatedWords)];
            foreach (string text in (string[])[set.Definition, string.Join(", ", related), .. set.Examples])
                if (text.Length > 0)
                    yield return new CorpusRow { Document = $"wordnet/{set.Key}", Heading = string.Join(", ", set.Words), Text = text, Source = "wordnet" };
        }
    }

    private sealed record SynonymSet(string Key, string[] Words, string[] Related, string Definition, string[] Examples)
    {
        /// <summary>A line: <c>offset file type count word id … count kind offset type ends … | definition; "example"</c>, the first count in hexadecimal.</summary>
        public static SynonymSet? Parse(string line)
        {
            if (line.Split(" | ", 2) is not [string data, string gloss])
                return null;
            string[] fields = data.Split(' ');
            if (fields.Length < 4 || !int.TryParse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int words))
                return null;
            int pointers = 4 + 2 * words;
            if (fields.Length <= pointers || !int.TryParse(fields[pointers], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || fields.Length < pointers + 1 + 4 * count)
                return null;
            return new SynonymSet(
                KeyOf(fields[2], fields[0]),
                [.. Enumerable.Range(0, words).Select(word => Position().Replace(fields[4 + 2 * word], "").Replace('_', ' '))],
                [.. from pointer in Enumerable.Range(0, count)
                    let at = pointers + 1 + 4 * pointer
                    where RelatedKinds.Split(' ').Contains(fields[at])
                    select KeyOf(fields[at + 2], fields[at + 1])],
                Quoted().Replace(gloss, "").Trim(' ', ';', ':', ','),
                [.. Quoted().Matches(gloss).Select(match => match.Groups["text"].Value)]);
        }

        // Satellite adjectives stand in the file of the others, and are pointed to by either letter.
        private static string KeyOf(string type, string offset) => (type == "s" ? "a" : type) + offset;
    }

    /// <summary>Where an adjective may stand: (a), (p) or (ip) after it.</summary>
    [GeneratedRegex(@"\((a|p|ip)\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Position();

    [GeneratedRegex("[;:,]?\\s*\"(?<text>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();
}
