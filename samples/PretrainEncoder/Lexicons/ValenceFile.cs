using System.Globalization;

namespace PretrainEncoder;

/// <summary>
/// Reads ratings of words from bad to good, a line for each: the word, its mean rating, and what else there may be, separated by tabs
/// (the lexicon of VADER; Hutto, Gilbert 2014). Words rated alike, half a dozen at a time, become a heading and a paragraph.
/// </summary>
/// <remarks>A thesaurus puts the good beside the bad where they are good or bad at the same thing; this tells them apart.</remarks>
internal static class ValenceFile
{
    private const int WordsInGroup = 6, Rounds = 400;

    /// <summary>The most that is added to a rating by chance, so that groups of a round are not those of another.</summary>
    private const double Jitter = 1;

    /// <exception cref="InvalidDataException">A line has no rating.</exception>
    public static IEnumerable<CorpusRow> Read(string path, int seed)
    {
        var random = new Random(seed);
        (string Word, double Rating)[] words = [.. File.ReadLines(path).Index().Select(line => Parse(path, line.Index, line.Item)).Where(word => word.Word.All(char.IsAsciiLetter))];
        for (int round = 0; round < Rounds; round++)
        {
            string[] sorted = [.. words.OrderBy(word => word.Rating + Jitter * random.NextDouble()).Select(word => word.Word)];
            foreach ((int index, string[] alike) in sorted.Skip(random.Next(2 * WordsInGroup)).Chunk(2 * WordsInGroup).Index())
                if (alike.Length == 2 * WordsInGroup)
                {
                    random.Shuffle(alike);
                    yield return new CorpusRow { Document = $"valence/{round}/{index}", Heading = string.Join(", ", alike[..WordsInGroup]), Text = string.Join(", ", alike[WordsInGroup..]), Source = "valence" };
                }
        }
    }

    private static (string Word, double Rating) Parse(string path, int index, string line) =>
        line.Split('\t') is [var word, var rating, ..] && double.TryParse(rating, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? (word, value)
            : throw new InvalidDataException($"{path}, line {index + 1}: expected a word and its rating, separated by a tab.");
}
