using System.Runtime.InteropServices;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>The tokens of a context, each with the range of characters it stands for; questions about it share them.</summary>
internal sealed class ContextTokens
{
    /// <summary>The most characters: places up to here are exact as <see cref="float"/>, as which they leave a scorer.</summary>
    public const int MaximumLength = 1 << 24;

    private const char DottedCapitalI = '\u0130';

    private readonly Token[] _tokens;

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="text">The context.</param>
    /// <exception cref="ArgumentException">The context is too long.</exception>
    public ContextTokens(TextTokenizer tokenizer, bool lowerCase, string text)
    {
        if (text.Length > MaximumLength)
            throw new ArgumentException($"A context has {text.Length} characters; at most {MaximumLength} can be read. Part it.", nameof(text));
        Text = text;
        List<Token> tokens = tokenizer.Tokenize(lowerCase ? TextInputs.Lower(text) : text);
        _tokens = lowerCase && text.Contains(DottedCapitalI, StringComparison.Ordinal) ? Restored(tokens, text) : [.. tokens];
    }

    public string Text { get; }

    public int Count => _tokens.Length;

    public Token this[int token] => _tokens[token];

    /// <summary>Some of the tokens.</summary>
    public ReadOnlySpan<Token> Slice(int first, int count) => _tokens.AsSpan(first, count);

    /// <summary>The first and the last token that a range of characters has a part in.</summary>
    /// <returns>Null where no token has.</returns>
    public (int First, int Last)? Locate(int start, int length)
    {
        int first = Array.FindIndex(_tokens, token => token.End > start), last = Array.FindLastIndex(_tokens, token => token.Start < start + length);
        return first >= 0 && first <= last ? (first, last) : null;
    }

    /// <summary>The question with the context: whole, or in windows that overlap where it is longer than the longest input.</summary>
    /// <remarks>
    /// Windows overlap by the longest answer less one token at least, or by half where they are short: an answer of no more tokens than
    /// that is whole in one of them. Only the context is parted; of a question that takes more than half of the room, the rest is cut.
    /// </remarks>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="question">The question's tokens.</param>
    /// <param name="maxLength">Most tokens of a window, the question and special ones included.</param>
    /// <param name="rules">Stride, and the longest answer.</param>
    public List<ContextWindow> Windows(TextTokenizer tokenizer, List<Token> question, int maxLength, AnswerRules rules)
    {
        int room = maxLength - tokenizer.SpecialTokenCount(pair: true);
        ReadOnlySpan<Token> asked = CollectionsMarshal.AsSpan(question)[..Math.Min(question.Count, room / 2)];
        room -= asked.Length;
        int stride = Math.Max(1, Math.Min(rules.DocumentStride, Math.Max(room / 2, room - rules.MaxAnswerLength + 1)));
        var windows = new List<ContextWindow>();
        for (int first = 0; windows.Count == 0 || windows[^1].End < Count; first += stride)
        {
            int count = Math.Min(room, Count - first);
            Encoding encoding = tokenizer.Assemble(asked, Slice(first, count));
            // One special token comes after the context.
            int at = encoding.Ids.Length - 1 - count;
            windows.Add(new ContextWindow(encoding with { WordTokens = [0, .. Enumerable.Range(at, count)] }, this, first, count));
        }
        return windows;
    }

    /// <summary>Tokens of the lower-cased text with ranges of the text itself: this letter alone becomes two.</summary>
    private static Token[] Restored(List<Token> tokens, string text)
    {
        List<int> origins = [];
        for (int at = 0; at < text.Length; at++)
        {
            origins.Add(at);
            if (text[at] == DottedCapitalI)
                origins.Add(at);
        }
        return [.. tokens.Select(token => token.End == token.Start ? token with { Start = Origin(token.Start), End = Origin(token.Start) } : token with { Start = Origin(token.Start), End = origins[token.End - 1] + 1 })];

        int Origin(int at) => at < origins.Count ? origins[at] : text.Length;
    }
}
