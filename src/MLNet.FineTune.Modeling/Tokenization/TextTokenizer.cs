using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>Turns texts and pairs of texts into the ids that a pretrained encoder reads. Thread-safe.</summary>
internal abstract class TextTokenizer
{
    /// <summary>The kinds of tokenizer that can be loaded, tried in this order.</summary>
    private static readonly ITokenizerFormat[] Formats =
    [
        new XlmRobertaFormat(), new AlbertFormat(), new DebertaV2Format(),
        new ByteLevelBpeFormat(), new WordPieceFormat(), new ByteLevelBpeJsonFormat(), new UnigramJsonFormat(), new WordPieceJsonFormat(),
    ];

    private readonly TokenizerDescription _description;

    /// <summary>Tokens found in the raw text, and those found in what <see cref="Normalize"/> makes of it; null for none of these.</summary>
    private readonly Lazy<(AddedTokens Raw, AddedTokens? Normalized)> _added;

    private protected TextTokenizer(TokenizerDescription description)
    {
        _description = description;
        _added = new(SeparateAdded);
    }

    /// <summary>The files that <see cref="Load(IReadOnlyDictionary{string, byte[]}, string)"/> needs to build this tokenizer again, by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _description.Files;

    /// <summary>One more than the highest id; what the token embedding must hold at least.</summary>
    public int VocabularySize => _description.VocabularySize;

    public int PadId => _description.PadId;

    public int ClsId => _description.Template.ClsId;

    public int SepId => _description.Template.SepId;

    public int UnkId => _description.UnkId;

    public int? MaskId => _description.MaskId;

    /// <summary>The text of the mask token; null where there is none.</summary>
    public string? MaskToken => MaskId is { } id ? _description.AddedTokens.All.FirstOrDefault(token => token.Id == id)?.Content : null;

    /// <summary>Tokens of the vocabulary that begin a word: their text, without what marks the beginning, and their ids.</summary>
    public abstract IEnumerable<(string Text, int Id)> WordStarts { get; }

    /// <summary>The longest input the checkpoint states, in tokens; null where it states none.</summary>
    public int? ModelMaxLength => _description.ModelMaxLength;

    /// <summary>Whether the second text of a pair has token type 1 (BERT) or everything has type 0 (RoBERTa).</summary>
    public bool PairsUseTokenTypes => _description.Template.PairsUseTokenTypes;

    /// <summary>Special tokens around a text or a pair; <c>maxLength</c> must be at least this.</summary>
    public int SpecialTokenCount(bool pair) => _description.Template.SpecialTokenCount(pair);

    /// <summary>Loads the tokenizer of a checkpoint directory.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">A file is malformed; the message names it.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that is not supported; the message says what was found and what is supported.</exception>
    public static TextTokenizer Load(string directory) => Load(TokenizerFiles.FromDirectory(directory));

    /// <summary>Loads a tokenizer from the contents of its files.</summary>
    /// <param name="files">Contents by file name, for instance <see cref="Files"/> of another.</param>
    /// <param name="location">Where the files came from, for messages.</param>
    /// <exception cref="InvalidDataException">A file is malformed; the message names it.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that is not supported.</exception>
    public static TextTokenizer Load(IReadOnlyDictionary<string, byte[]> files, string location) => Load(TokenizerFiles.FromContents(files, location));

    private static TextTokenizer Load(TokenizerFiles files)
    {
        foreach (ITokenizerFormat format in Formats)
            if (format.Recognises(files))
                return format.Load(files);
        throw new NotSupportedException(
            $"No supported tokenizer in '{files.Location}': found {files.Listing()}. Supported are: {string.Join("; ", Formats.Select(format => format.Description))}.");
    }

    /// <summary>Encodes a text, or a pair, with special tokens.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="pair">The second text of a pair, or null.</param>
    /// <param name="maxLength">Most tokens in the result, special ones included.</param>
    /// <param name="truncation">What is kept of a longer text.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the special tokens.</exception>
    public Encoding Encode(string text, string? pair, int maxLength, Truncation truncation) =>
        Encode(text, pair, maxLength, truncation, withSpans: false, out _);

    /// <summary>As <see cref="Encode(string, string?, int, Truncation)"/>, with the range of the original text that each token stands for.</summary>
    public OffsetEncoding EncodeWithOffsets(string text, string? pair, int maxLength, Truncation truncation)
    {
        Encoding encoding = Encode(text, pair, maxLength, truncation, withSpans: true, out TokenSpan[] spans);
        return new OffsetEncoding(encoding, spans);
    }

    /// <summary>The tokens of a text without special tokens around it, however long.</summary>
    public List<Token> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<Token>(text.Length / 4 + 4);
        int from = 0;
        while (_added.Value.Raw.TryFind(text, from, out int at, out AddedToken added))
        {
            int end = at, next = at + added.Content.Length;
            while (added.StripLeft && end > from && char.IsWhiteSpace(text[end - 1]))
                end--;
            if (end > from)
                TokenizeStretch(text, from, end, tokens);
            tokens.Add(new Token(added.Id, at, next));
            while (added.StripRight && next < text.Length && char.IsWhiteSpace(text[next]))
                next++;
            from = next;
        }
        if (from < text.Length)
            TokenizeStretch(text, from, text.Length, tokens);
        return tokens;
    }

    /// <summary>Appends the tokens of a stretch that holds no added token as it is written: those found once it is normalised, and what is between them.</summary>
    private void TokenizeStretch(string text, int start, int end, List<Token> tokens)
    {
        if (_added.Value.Normalized is not { } normalized || (NormalizesAsciiByCase && !normalized.MayBeIn(text.AsSpan(start, end - start))))
        {
            TokenizePlain(text, start, end, tokens);
            return;
        }
        AlignedText normal = Normalize(text, start, end)!;
        string searched = normal.Chars.ToString();
        int from = 0, at = start;
        while (normalized.TryFind(searched, from, out int found, out AddedToken added))
        {
            int first = found, next = found + added.Content.Length;
            (int begin, int stop) = (normal.StartOf(found), normal.EndOf(next - 1));
            while (added.StripLeft && first > from && searched[first - 1] == ' ')
                first--;
            if (normal.StartOf(first) > at)
                TokenizePlain(text, at, normal.StartOf(first), tokens);
            tokens.Add(new Token(added.Id, begin, stop));
            while (added.StripRight && next < searched.Length && searched[next] == ' ')
                next++;
            (from, at) = (next, normal.EndOf(next - 1));
        }
        if (at < end)
            TokenizePlain(text, at, end, tokens);
    }

    private (AddedTokens Raw, AddedTokens? Normalized) SeparateAdded()
    {
        var raw = new List<AddedToken>();
        var normalized = new List<AddedToken>();
        foreach (AddedToken token in _description.AddedTokens.All)
            if (token.Normalized && Normalize(token.Content, 0, token.Content.Length) is { } normal)
                normalized.Add(token with { Content = normal.Chars.ToString() });
            else
                raw.Add(token);
        return (new AddedTokens(raw), normalized.Count == 0 ? null : new AddedTokens(normalized));
    }

    /// <summary>The tokens of a word that stands among others, as if white space came before it.</summary>
    public List<Token> TokenizeWord(string word) => Tokenize(AmongOthers(word));

    /// <summary>A word with whatever tells the tokenizer that it is not the beginning of a text.</summary>
    private protected virtual string AmongOthers(string word) => word;

    /// <summary>Puts special tokens around the tokens of one text.</summary>
    public Encoding Assemble(ReadOnlySpan<Token> tokens) =>
        _description.Template.Assemble(tokens, new Truncator.Kept(tokens.Length, 0), [], default, isPair: false, withSpans: false, out _);

    /// <summary>Puts special tokens around the tokens of a pair of texts.</summary>
    public Encoding Assemble(ReadOnlySpan<Token> first, ReadOnlySpan<Token> second) =>
        _description.Template.Assemble(first, new Truncator.Kept(first.Length, 0), second, new Truncator.Kept(second.Length, 0), isPair: true, withSpans: false, out _);

    /// <summary>A stretch of text as added tokens are looked for in it; null where normalisation does not change letters.</summary>
    private protected virtual AlignedText? Normalize(string text, int start, int end) => null;

    /// <summary>Whether <see cref="Normalize"/> changes ASCII characters by their case alone, which often tells without it that no added token is there.</summary>
    private protected virtual bool NormalizesAsciiByCase => false;

    /// <summary>Appends the tokens of a stretch of text that holds no added token; it is never empty.</summary>
    protected abstract void TokenizePlain(string text, int start, int end, List<Token> tokens);

    private Encoding Encode(string text, string? pair, int maxLength, Truncation truncation, bool withSpans, out TokenSpan[] spans)
    {
        int room = maxLength - SpecialTokenCount(pair is not null);
        if (room < 0)
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"{(pair is null ? "A text" : "A pair of texts")} needs {SpecialTokenCount(pair is not null)} special tokens: the maximum length must be at least that.");
        ReadOnlySpan<Token> first = CollectionsMarshal.AsSpan(Tokenize(text));
        ReadOnlySpan<Token> second = pair is null ? [] : CollectionsMarshal.AsSpan(Tokenize(pair));
        (int firstRoom, int secondRoom) = Truncator.Share(first.Length, second.Length, room);
        return _description.Template.Assemble(
            first, Truncator.Keep(first.Length, firstRoom, truncation),
            second, Truncator.Keep(second.Length, secondRoom, truncation),
            pair is not null, withSpans, out spans);
    }
}
