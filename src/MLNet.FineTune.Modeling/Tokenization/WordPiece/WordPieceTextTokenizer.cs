using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNet.FineTune.Tokenization;

/// <summary>BERT's tokenizer: own normalisation and splitting into words, Microsoft.ML.Tokenizers' WordPiece within each word.</summary>
internal sealed class WordPieceTextTokenizer : TextTokenizer
{
    private readonly BertWordSplitter _splitter;
    private readonly WordPieceTokenizer _wordPiece;
    private readonly WordCache _cache;
    private readonly WordPieceVocabulary _vocabulary;
    private readonly int _longestWord;

    public WordPieceTextTokenizer(TokenizerDescription description, WordPieceVocabulary vocabulary, BertNormalization normalization)
        : base(description)
    {
        _splitter = new BertWordSplitter(normalization);
        _vocabulary = vocabulary;
        _longestWord = vocabulary.LongestWord;
        _wordPiece = WordPieceTokenizer.Create(Lines(vocabulary), new WordPieceOptions
        {
            UnknownToken = vocabulary.Unknown,
            ContinuingSubwordPrefix = vocabulary.ContinuationPrefix,
            // The library counts UTF-16 characters, Hugging Face code points: the limit is checked here, the library's is out of the way.
            MaxInputCharsPerWord = 2 * _longestWord,
        });
        _cache = new WordCache(Segment);
    }

    public override IEnumerable<(string Text, int Id)> WordStarts =>
        from token in _vocabulary.Ids where !token.Key.StartsWith(_vocabulary.ContinuationPrefix, StringComparison.Ordinal) orderby token.Value select (token.Key, token.Value);

    private protected override AlignedText? Normalize(string text, int start, int end) => _splitter.ChangesLetters ? _splitter.Normalize(text, start, end) : null;

    private protected override bool NormalizesAsciiByCase => true;

    protected override void TokenizePlain(string text, int start, int end, List<Token> tokens)
    {
        var sink = new Sink(_cache, tokens);
        _splitter.Split(text, start, end, new AlignedText(), ref sink);
    }

    private Piece[] Segment(string word)
    {
        if (word.Length > _longestWord && word.EnumerateRunes().Count() > _longestWord)
            return [new Piece(UnkId, 0, word.Length)];
        IReadOnlyList<EncodedToken> tokens = _wordPiece.EncodeToTokens(word, out _, considerPreTokenization: false, considerNormalization: false);
        return [.. tokens.Select(token => new Piece(token.Id, token.Offset.Start.Value, token.Offset.End.Value))];
    }

    /// <summary>The vocabulary as the lines the library reads; ids that no token has become empty lines, which it skips.</summary>
    private static MemoryStream Lines(WordPieceVocabulary vocabulary)
    {
        var lines = new string[vocabulary.Size];
        foreach ((string token, int id) in vocabulary.Ids)
            lines[id] = token;
        return new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private readonly struct Sink(WordCache cache, List<Token> tokens) : IWordSink
    {
        public void Accept(AlignedText word)
        {
            foreach (Piece piece in cache.Get(word.Chars))
                tokens.Add(new Token(piece.Id, word.StartOf(piece.Start), word.EndOf(piece.End - 1)));
        }
    }
}
