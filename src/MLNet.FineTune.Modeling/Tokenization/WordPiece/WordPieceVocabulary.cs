namespace MLNet.FineTune.Tokenization;

/// <summary>A WordPiece vocabulary: tokens and ids, and how pieces within a word are marked.</summary>
/// <param name="Ids">The id of each token.</param>
/// <param name="Unknown">The token for words that cannot be spelled.</param>
/// <param name="ContinuationPrefix">What marks a piece that does not begin a word.</param>
/// <param name="LongestWord">Words of more characters (code points) than this are unknown.</param>
internal sealed record WordPieceVocabulary(IReadOnlyDictionary<string, int> Ids, string Unknown, string ContinuationPrefix = "##", int LongestWord = 100)
{
    /// <summary>Reads <c>vocab.txt</c>: one token a line, its id the line's number from 0.</summary>
    public static Dictionary<string, int> ReadLines(TokenizerFiles files, string name)
    {
        List<string> lines = files.Lines(name);
        var ids = new Dictionary<string, int>(lines.Count, StringComparer.Ordinal);
        for (int id = 0; id < lines.Count; id++)
        {
            // An empty line holds no token but counts.
            if (lines[id].Length > 0 && !ids.TryAdd(lines[id], id))
                throw files.Invalid(name, $"the token '{lines[id]}' is on line {ids[lines[id]] + 1} and again on line {id + 1}; every token must occur once.");
        }
        return ids.Count > 0 ? ids : throw files.Invalid(name, "the vocabulary is empty.");
    }

    /// <summary>One more than the highest id.</summary>
    public int Size => Ids.Values.Max() + 1;
}
