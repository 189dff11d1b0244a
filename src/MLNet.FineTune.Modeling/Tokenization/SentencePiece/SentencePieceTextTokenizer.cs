namespace MLNet.FineTune.Tokenization;

/// <summary>A tokenizer over a SentencePiece model: XLM-RoBERTa, ALBERT, DeBERTa-v2.</summary>
internal sealed class SentencePieceTextTokenizer : TextTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly IPieceSegmenter _segmenter;
    private readonly ITextPreparation _preparation;
    private readonly Func<int, int> _idOf;
    private readonly WordCache _cache;
    private readonly bool _byWord;

    /// <param name="description">Special tokens and files.</param>
    /// <param name="model">The model.</param>
    /// <param name="normalizer">The model's normalisation.</param>
    /// <param name="preparation">What the family does to text first.</param>
    /// <param name="segmenter">The model's algorithm, with what the family adds to it.</param>
    /// <param name="idOf">The family's id of a piece of the model.</param>
    public SentencePieceTextTokenizer(TokenizerDescription description, SentencePieceModel model, SentencePieceNormalizer normalizer,
        ITextPreparation preparation, IPieceSegmenter segmenter, Func<int, int> idOf)
        : base(description)
    {
        (_model, _normalizer, _preparation, _segmenter, _idOf) = (model, normalizer, preparation, segmenter, idOf);
        // Where no piece continues past a space, words can be segmented one by one, and remembered.
        _byWord = !model.Pieces.Exists(piece => piece.Text.LastIndexOf(SentencePieceNormalizer.Space) > 0);
        _cache = new WordCache(segmenter.Segment);
    }

    public override IEnumerable<(string Text, int Id)> WordStarts =>
        from piece in _model.Pieces.Select((piece, index) => (piece.Text, piece.Kind, Index: index))
        where piece.Kind == PieceKind.Normal && piece.Text.Length > 1 && piece.Text[0] == SentencePieceNormalizer.Space
        select (piece.Text[1..], _idOf(piece.Index));

    private protected override AlignedText? Normalize(string text, int start, int end) => _preparation.ChangesLetters ? _preparation.Prepare(text, start, end) : null;

    protected override void TokenizePlain(string text, int start, int end, List<Token> tokens)
    {
        AlignedText normal = _normalizer.Normalize(_preparation.Prepare(text, start, end));
        bool afterUnknown = false;
        for (int at = 0; at < normal.Length;)
        {
            int next = WordEnd(normal.Chars, at);
            foreach (Piece piece in _cache.Get(normal.Chars[at..next]))
            {
                if (piece.Id != _model.Unknown)
                    Add(text, normal, _idOf(piece.Id), at + piece.Start, at + piece.End, tokens);
                else if (_model.ByteFallback)
                    AddBytes(text, normal, at + piece.Start, at + piece.End, tokens);
                else if (afterUnknown)
                    // A run of unknown characters is one unknown token.
                    tokens[^1] = tokens[^1] with { End = normal.EndOf(at + piece.End - 1) };
                else
                    Add(text, normal, UnkId, at + piece.Start, at + piece.End, tokens);
                afterUnknown = piece.Id == _model.Unknown;
            }
            at = next;
        }
    }

    private int WordEnd(ReadOnlySpan<char> text, int at)
    {
        int next = _byWord ? text[(at + 1)..].IndexOf(SentencePieceNormalizer.Space) : -1;
        return next < 0 ? text.Length : at + 1 + next;
    }

    private static void Add(string text, AlignedText normal, int id, int start, int end, List<Token> tokens)
    {
        int from = normal.StartOf(start), to = normal.EndOf(end - 1);
        // Spaces that were merged into the piece's own are not part of the word.
        while (from < to - 1 && char.IsWhiteSpace(text[from]))
            from++;
        tokens.Add(new Token(id, from, to));
    }

    private void AddBytes(string text, AlignedText normal, int start, int end, List<Token> tokens)
    {
        foreach (byte value in System.Text.Encoding.UTF8.GetBytes(normal.Chars[start..end].ToString()))
            Add(text, normal, _idOf(_model.Index[SentencePieceModel.ByteFallbackPiece(value)]), start, end, tokens);
    }
}
