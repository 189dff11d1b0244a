using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>The tokens of a text that is given as words, each tokenised by itself; the first token of a word stands for it.</summary>
internal sealed class TokenizedWords
{
    private readonly TextTokenizer _tokenizer;
    private readonly List<Token> _tokens = [];

    /// <summary>Where each word begins among the tokens; −1 for a word of no token.</summary>
    private readonly int[] _starts;

    public TokenizedWords(TextTokenizer tokenizer, IReadOnlyList<string> words)
    {
        _tokenizer = tokenizer;
        _starts = new int[words.Count];
        for (int word = 0; word < words.Count; word++)
        {
            List<Token> tokens = tokenizer.TokenizeWord(words[word]);
            _starts[word] = tokens.Count == 0 ? -1 : _tokens.Count;
            _tokens.AddRange(tokens);
        }
    }

    /// <summary>The beginning of the text, up to the longest input; words beyond have no token.</summary>
    public Encoding Encode(int maxLength)
    {
        int room = Room(maxLength);
        return Window(0, room, [.. _starts.Select(start => start < room ? start : -1)]);
    }

    /// <summary>The whole text, in windows that overlap by half where it is longer than the longest input. Each word has a token in one of them: that in which it is farthest from where the text is cut.</summary>
    public List<Encoding> Windows(int maxLength)
    {
        int room = Room(maxLength);
        List<int> begins = [0];
        while (begins[^1] + room < _tokens.Count && Next(begins[^1], room) is { } next)
            begins.Add(next);
        int[] best = [.. _starts.Select(start => start < 0 ? -1 : Enumerable.Range(0, begins.Count).MaxBy(window => Margin(start, begins[window], room)))];
        return [.. begins.Select((begin, window) => Window(begin, room, [.. _starts.Select((start, word) => best[word] == window ? start - begin : -1)]))];
    }

    /// <summary>A window begins with the last word that begins in the first half of the one before; where there is none, with the first word after that.</summary>
    private int? Next(int begin, int room)
    {
        int? next = null;
        foreach (int start in _starts)
            if (start > begin && (next is null || start <= begin + room / 2))
                next = start;
        return next;
    }

    /// <summary>How far a token is from the nearer end of a window; ends of the text are none. Negative outside.</summary>
    private int Margin(int token, int begin, int room)
    {
        if (token < begin || token >= begin + room)
            return -1;
        int before = begin == 0 ? int.MaxValue : token - begin;
        return Math.Min(before, begin + room >= _tokens.Count ? int.MaxValue : begin + room - 1 - token);
    }

    private Encoding Window(int begin, int room, int[] words)
    {
        ReadOnlySpan<Token> tokens = CollectionsMarshal.AsSpan(_tokens)[begin..Math.Min(begin + room, _tokens.Count)];
        // One special token comes before the text.
        return _tokenizer.Assemble(tokens) with { WordTokens = [.. words.Select(token => token < 0 ? -1 : token + 1)] };
    }

    private int Room(int maxLength)
    {
        int room = maxLength - _tokenizer.SpecialTokenCount(pair: false);
        return room > 0 ? room : throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"The special tokens alone are {_tokenizer.SpecialTokenCount(pair: false)}: the maximum length must be above that.");
    }
}
