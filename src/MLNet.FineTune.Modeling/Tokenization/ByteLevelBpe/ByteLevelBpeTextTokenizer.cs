using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNet.FineTune.Tokenization;

/// <summary>RoBERTa's tokenizer: GPT-2's splitting, bytes as characters, and Microsoft.ML.Tokenizers' BPE within each stretch.</summary>
internal sealed class ByteLevelBpeTextTokenizer : TextTokenizer
{
    private readonly BpeTokenizer _bpe;
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly WordCache _cache;
    private readonly bool _addPrefixSpace;

    /// <param name="description">Special tokens and files.</param>
    /// <param name="vocabulary">Ids by token, tokens written in <see cref="ByteCharacters"/>.</param>
    /// <param name="merges">Merges in order of rank, each "left right".</param>
    /// <param name="unknown">The token for bytes that the vocabulary lacks.</param>
    /// <param name="addPrefixSpace">Whether a text, and what follows an added token in it, is read as if a space stood before it where none does.</param>
    public ByteLevelBpeTextTokenizer(TokenizerDescription description, IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, string? unknown, bool addPrefixSpace)
        : base(description)
    {
        (_vocabulary, _addPrefixSpace) = (vocabulary, addPrefixSpace);
        _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges, UnknownToken = unknown });
        _cache = new WordCache(Segment);
    }

    public override IEnumerable<(string Text, int Id)> WordStarts =>
        from token in _vocabulary
        where token.Key.Length > 1 && token.Key[0] == ByteCharacters.Of((byte)' ')
        orderby token.Value
        select (ByteCharacters.Decode(token.Key.AsSpan(1)), token.Value);

    /// <remarks>A word has other tokens after a space than without one.</remarks>
    private protected override string AmongOthers(string word) => word.Length == 0 || word[0] == ' ' ? word : " " + word;

    protected override void TokenizePlain(string text, int start, int end, List<Token> tokens)
    {
        var word = new AlignedText();
        bool prefix = _addPrefixSpace && text[start] != ' ';
        for (int at = start; at < end;)
        {
            int next = Gpt2Splitter.Next(text, at, end);
            word.Clear();
            if (prefix)
            {
                // A space before an apostrophe keeps contractions from matching, and before white space it joins that.
                if (text[at] == '\'' || char.IsWhiteSpace(text[at]))
                    next = at + Gpt2Splitter.Next(" " + text[at..end], 0, end - at + 1) - 1;
                word.Append(ByteCharacters.Of((byte)' '), at, at);
            }
            prefix = false;
            AppendBytes(text, at, next, word);
            Emit(text, word, tokens);
            at = next;
        }
    }

    private static void AppendBytes(string text, int start, int end, AlignedText word)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (int at = start; at < end;)
        {
            if (text[at] < 128)
            {
                word.Append(ByteCharacters.Of((byte)text[at]), at, at + 1);
                at++;
                continue;
            }
            // A lone surrogate has no bytes of its own; it becomes U+FFFD.
            Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out int length);
            foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
                word.Append(ByteCharacters.Of(value), at, at + length);
            at += length;
        }
    }

    private void Emit(string text, AlignedText word, List<Token> tokens)
    {
        foreach (Piece piece in _cache.Get(word.Chars))
        {
            int from = word.StartOf(piece.Start), to = word.EndOf(piece.End - 1);
            while (from < to - 1 && char.IsWhiteSpace(text[from]))
                from++;
            tokens.Add(new Token(piece.Id, from, to));
        }
    }

    private Piece[] Segment(string word)
    {
        IReadOnlyList<EncodedToken> tokens = _bpe.EncodeToTokens(word, out _, considerPreTokenization: false, considerNormalization: false);
        return [.. tokens.Select(token => new Piece(token.Id, token.Offset.Start.Value, token.Offset.End.Value))];
    }
}
