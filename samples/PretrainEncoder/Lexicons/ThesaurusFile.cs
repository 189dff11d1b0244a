namespace PretrainEncoder;

/// <summary>
/// Reads a thesaurus, a line for each entry: the entry and the words near it, separated by commas (Moby Thesaurus II, Ward 1996). Some of
/// the words, in groups, become paragraphs under the entry.
/// </summary>
internal static class ThesaurusFile
{
    private const int WordsInGroup = 8, MostGroups = 3, FewestWords = 3;

    public static IEnumerable<CorpusRow> Read(string path, int seed)
    {
        var random = new Random(seed);
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length <= FewestWords)
                continue;
            string[] near = words[1..];
            random.Shuffle(near);
            foreach (string[] group in near.Chunk(WordsInGroup).Take(MostGroups))
                yield return new CorpusRow { Document = $"thesaurus/{words[0]}", Heading = words[0], Text = string.Join(", ", group), Source = "thesaurus" };
        }
    }
}
