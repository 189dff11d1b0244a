namespace MLNet.FineTune.Tokenization;

/// <summary>A Unigram model of a <c>tokenizer.json</c>: its normalizers and pre-tokenizer, and the pieces of each word.</summary>
internal sealed class UnigramTextTokenizer : TextTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly TextNormalizers _normalizers;
    private readonly MetaspaceSplitter _splitter;
    private readonly WordCache _cache;

    /// <param name="description">Special tokens and files.</param>
    /// <param name="model">The pieces; their places are the ids.</param>
    /// <param name="normalizers">What is done to text first.</param>
    /// <param name="splitter">Splits it into words.</param>
    public UnigramTextTokenizer(TokenizerDescription description, SentencePieceModel model, TextNormalizers normalizers, MetaspaceSplitter splitter)
        : base(description)
    {
        (_model, _normalizers, _splitter) = (model, normalizers, splitter);
        _cache = new WordCache(new UnigramSegmenter(model).Segment);
    }

    public override IEnumerable<(string Text, int Id)> WordStarts =>
        from piece in _model.Pieces.Select((piece, index) => (piece.Text, piece.Kind, Index: index))
        where piece.Kind == PieceKind.Normal && piece.Text.Length > 1 && piece.Text[0] == SentencePieceNormalizer.Space
        select (piece.Text[1..], piece.Index);

    private protected override AlignedText? Normalize(string text, int start, int end) => _normalizers.Any ? _normalizers.Normalize(text, start, end) : null;

    protected override void TokenizePlain(string text, int start, int end, List<Token> tokens)
    {
        var ends = new List<int>();
        AlignedText words = _splitter.Split(_normalizers.Normalize(text, start, end), ends);
        int at = 0;
        foreach (int next in ends)
        {
            bool afterUnknown = false;
            foreach (Piece piece in _cache.Get(words.Chars[at..next]))
            {
                if (piece.Id == _model.Unknown && _model.ByteFallback)
                    AddBytes(text, words, at + piece.Start, at + piece.End, tokens);
                else if (piece.Id == _model.Unknown && afterUnknown)
                    // A run of unknown characters is one unknown token.
                    tokens[^1] = tokens[^1] with { End = words.EndOf(at + piece.End - 1) };
                else
                    tokens.Add(Place(text, words, piece.Id == _model.Unknown ? UnkId : piece.Id, at + piece.Start, at + piece.End));
                afterUnknown = piece.Id == _model.Unknown;
            }
            at = next;
        }
    }

    private void AddBytes(string text, AlignedText words, int start, int end, List<Token> tokens)
    {
        foreach (byte value in System.Text.Encoding.UTF8.GetBytes(words.Chars[start..end].ToString()))
            tokens.Add(Place(text, words, _model.Index[SentencePieceModel.ByteFallbackPiece(value)], start, end));
    }

    private static Token Place(string text, AlignedText words, int id, int start, int end)
    {
        int from = words.StartOf(start), to = words.EndOf(end - 1);
        while (from < to - 1 && char.IsWhiteSpace(text[from]))
            from++;
        return new Token(id, from, to);
    }
}
