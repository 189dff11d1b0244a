using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Makes a WordPiece vocabulary from text.</summary>
/// <remarks>
/// Starts from single characters (with <c>##</c> inside a word) and merges the best adjacent pair, by the chosen
/// <see cref="MergeCriterion"/>, until the vocabulary is full. The same text and options give the same vocabulary.
/// </remarks>
internal sealed class WordPieceTrainer
{
    private const string Continuation = "##";

    /// <summary>How many tokens of a vocabulary are special ones.</summary>
    public static int SpecialTokenCount => SpecialTokens.Length;

    private static readonly string[] SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly WordPieceTrainerOptions _options;
    private readonly BertNormalization _normalization;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public WordPieceTrainer(WordPieceTrainerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.VocabularySize, SpecialTokens.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LimitAlphabet, 1);
        if (!Enum.IsDefined(options.Merge))
            throw new ArgumentOutOfRangeException(nameof(options), options.Merge, $"{nameof(WordPieceTrainerOptions)}.{nameof(options.Merge)}: expected {string.Join(" or ", Enum.GetNames<MergeCriterion>())}.");
        _options = options;
        _normalization = new BertNormalization(options.LowerCase, options.LowerCase);
    }

    /// <summary>Reads all texts once, holding only their distinct words, and makes the vocabulary.</summary>
    /// <exception cref="InvalidOperationException">The texts hold no words, or the alphabet alone exceeds the vocabulary size.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public TrainedWordPiece Train(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        var counter = new WordCounter(_normalization);
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            counter.Add(text);
        }
        if (counter.Counts.Count == 0)
            throw new InvalidOperationException("The texts hold no words: there is nothing to make a vocabulary of.");
        return new TrainedWordPiece(Learn(counter.Counts, cancellationToken), _normalization);
    }

    private List<string> Learn(IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        HashSet<Rune> alphabet = Alphabet(counts);
        // Longer words, and words with other characters, are [UNK] to the tokenizer whatever the vocabulary.
        KeyValuePair<string, long>[] words = [.. counts.Where(word => word.Key.EnumerateRunes().Count() <= 100 && word.Key.EnumerateRunes().All(alphabet.Contains))
            .OrderBy(word => word.Key, StringComparer.Ordinal)];
        string[][] spellings = [.. words.Select(word => Spell(word.Key))];

        var tokens = new List<string>(SpecialTokens);
        tokens.AddRange(spellings.SelectMany(spelling => spelling).Distinct().Order(StringComparer.Ordinal));
        if (tokens.Count > _options.VocabularySize)
            throw new InvalidOperationException($"Special tokens and single characters are {tokens.Count} tokens, the vocabulary size is {_options.VocabularySize}: raise VocabularySize or lower LimitAlphabet ({_options.LimitAlphabet}).");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string token in tokens)
            ids.TryAdd(token, ids.Count);

        int[][] symbols = [.. spellings.Select(spelling => spelling.Select(symbol => ids[symbol]).ToArray())];
        long[] frequencies = [.. words.Select(word => word.Value)];
        PairMerger merger = _options.Merge == MergeCriterion.Likelihood ? new LikelihoodPairMerger(symbols, frequencies, _options.MinFrequency) : new PairMerger(symbols, frequencies, _options.MinFrequency);
        while (tokens.Count < _options.VocabularySize && merger.TryBest(out (int Left, int Right) pair))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string union = tokens[pair.Left] + tokens[pair.Right][Continuation.Length..];
            if (!ids.TryGetValue(union, out int id))
            {
                id = tokens.Count;
                ids.Add(union, id);
                tokens.Add(union);
            }
            merger.Merge(pair, id);
        }
        return tokens;
    }

    private HashSet<Rune> Alphabet(IReadOnlyDictionary<string, long> counts)
    {
        var characters = new Dictionary<Rune, long>();
        foreach ((string word, long count) in counts)
            foreach (Rune rune in word.EnumerateRunes())
                characters[rune] = characters.GetValueOrDefault(rune) + count;
        return [.. characters.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).Take(_options.LimitAlphabet).Select(entry => entry.Key)];
    }

    private static string[] Spell(string word) => [.. word.EnumerateRunes().Select((rune, index) => index == 0 ? rune.ToString() : Continuation + rune)];
}
