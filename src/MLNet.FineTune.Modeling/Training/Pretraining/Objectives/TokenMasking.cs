using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>Hides tokens of a passage, to be predicted; special tokens stay.</summary>
internal sealed class TokenMasking
{
    /// <summary>SpanBERT's geometric distribution of run lengths, in words.</summary>
    private const double SpanEnd = 0.2;
    private const int LongestSpan = 10;

    private readonly MaskedLanguageModeling _options;
    private readonly int _maskId;
    private readonly HashSet<int> _special;
    private readonly int[] _ordinary;

    /// <exception cref="NotSupportedException">The tokenizer has no mask token.</exception>
    public TokenMasking(MaskedLanguageModeling options, TextTokenizer tokenizer)
    {
        _options = options;
        _maskId = tokenizer.MaskId ?? throw new NotSupportedException("The encoder's tokenizer has no mask token: masked language modelling needs one.");
        _special = [tokenizer.ClsId, tokenizer.SepId, tokenizer.PadId, tokenizer.UnkId, _maskId];
        _ordinary = [.. Enumerable.Range(0, tokenizer.VocabularySize).Except(_special)];
    }

    /// <summary>Masks a passage in place.</summary>
    /// <param name="tokens">The passage; its ids are changed.</param>
    /// <param name="random">Decides what is masked.</param>
    /// <param name="targets">Receives the place and the true id of each token to predict; one at least where the passage has any.</param>
    public void Apply(PassageTokens tokens, Random random, List<(int Position, int Id)> targets)
    {
        int[] ids = tokens.Ids;
        List<(int First, int Count)> words = Words(tokens);
        if (words.Count == 0)
            return;
        int count = words.Sum(word => word.Count);
        // Rounded at random, so that the rate holds for short passages too.
        int wanted = Math.Max(1, (int)(_options.Rate * count + random.NextDouble()));
        foreach (int word in Order(words.Count, random))
        {
            if (wanted <= 0)
                break;
            (int first, int length) = words[word];
            // A word that is longer than what is left is taken as often as keeps the rate.
            if (length > wanted && targets.Count > 0 && random.NextDouble() * length >= wanted)
                break;
            for (int position = first; position < first + length; position++)
                targets.Add((position, ids[position]));
            wanted -= length;
        }
        foreach ((int position, int id) in targets)
            ids[position] = Replacement(id, random);
    }

    /// <summary>What is chosen together when runs are not. Special tokens, unknown words among them, are no words: there is nothing to learn in predicting them.</summary>
    private List<(int First, int Count)> Words(PassageTokens tokens)
    {
        var words = new List<(int First, int Count)>();
        for (int i = 1; i < tokens.Ids.Length - 1; i++)
        {
            if (_special.Contains(tokens.Ids[i]))
                continue;
            if (words.Count > 0 && words[^1].First + words[^1].Count == i && tokens.Continues[i] && _options.Unit != MaskingUnit.Token)
                words[^1] = (words[^1].First, words[^1].Count + 1);
            else
                words.Add((i, 1));
        }
        return words;
    }

    /// <summary>The words in the order in which they are masked until the rate is reached.</summary>
    private IEnumerable<int> Order(int words, Random random)
    {
        if (_options.Unit != MaskingUnit.Span)
        {
            int[] order = [.. Enumerable.Range(0, words)];
            random.Shuffle(order);
            return order;
        }
        return Spans();

        IEnumerable<int> Spans()
        {
            var taken = new bool[words];
            for (int left = words; left > 0;)
            {
                int length = SpanLength(random);
                for (int word = random.Next(words); length > 0 && word < words; word++, length--)
                {
                    if (taken[word])
                        break;
                    taken[word] = true;
                    left--;
                    yield return word;
                }
            }
        }
    }

    /// <summary>Drawn anew when it is too long, as the published mean of 3.8 words implies: not cut.</summary>
    private static int SpanLength(Random random)
    {
        int length;
        do
        {
            length = 1;
            while (random.NextDouble() >= SpanEnd)
                length++;
        }
        while (length > LongestSpan);
        return length;
    }

    private int Replacement(int id, Random random)
    {
        double draw = random.NextDouble();
        return draw < _options.MaskShare ? _maskId
            : draw < _options.MaskShare + _options.RandomShare ? _ordinary[random.Next(_ordinary.Length)]
            : id;
    }
}
