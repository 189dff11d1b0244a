using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>The kind of a piece, with SentencePiece's numbers.</summary>
internal enum PieceKind { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 }

/// <summary>The algorithm of a SentencePiece model, with SentencePiece's numbers.</summary>
internal enum SentencePieceAlgorithm { Unigram = 1, Bpe = 2, Word = 3, Char = 4 }

/// <summary>A piece of the vocabulary.</summary>
internal readonly record struct VocabularyPiece(string Text, float Score, PieceKind Kind);

/// <summary>A SentencePiece model file: a protobuf <c>ModelProto</c>.</summary>
internal sealed class SentencePieceModel
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private SentencePieceModel()
    {
    }

    public List<VocabularyPiece> Pieces { get; } = [];

    /// <summary>The place of each piece, whatever its kind.</summary>
    public Dictionary<string, int> Index { get; } = new(StringComparer.Ordinal);

    public SentencePieceAlgorithm Algorithm { get; private set; } = SentencePieceAlgorithm.Unigram;

    /// <summary>The place of the unknown piece.</summary>
    public int Unknown { get; private set; }

    public bool ByteFallback { get; private set; }

    public bool SpaceAsSuffix { get; private set; }

    /// <summary>Character replacements applied before segmentation; empty for none.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraSpaces { get; private set; } = true;

    public bool EscapeSpaces { get; private set; } = true;

    /// <summary>Reads and checks a model file.</summary>
    /// <exception cref="InvalidDataException">It is no sound model; the message names the file.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not supported.</exception>
    public static SentencePieceModel Read(TokenizerFiles files, string name)
    {
        byte[] file = files.Bytes(name);
        var model = new SentencePieceModel();
        try
        {
            model.Parse(file);
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException)
        {
            throw files.Invalid(name, $"not a sound SentencePiece model: {e.Message.TrimEnd('.')}.", e);
        }
        if (model.Algorithm is not (SentencePieceAlgorithm.Unigram or SentencePieceAlgorithm.Bpe))
            throw files.Unsupported(name, $"a SentencePiece model of type {model.Algorithm}", "unigram and BPE");
        if (model.SpaceAsSuffix)
            throw files.Unsupported(name, "treat_whitespace_as_suffix", "white space before words");
        if (!model.EscapeSpaces)
            throw files.Unsupported(name, "escape_whitespaces = false", "true");
        if (model.Algorithm == SentencePieceAlgorithm.Bpe && model.Pieces.Any(piece => piece.Kind == PieceKind.Unused))
            throw files.Unsupported(name, "a BPE model with unused pieces", "BPE models without");
        return model;
    }

    /// <summary>A unigram model of pieces that stand elsewhere than in a model file.</summary>
    /// <exception cref="InvalidDataException">The pieces make no sound model; the message names the file.</exception>
    public static SentencePieceModel Of(IEnumerable<VocabularyPiece> pieces, bool byteFallback, JsonFields source)
    {
        var model = new SentencePieceModel { ByteFallback = byteFallback };
        try
        {
            foreach (VocabularyPiece piece in pieces)
                model.Add(piece);
            model.Check();
            return model;
        }
        catch (InvalidDataException e)
        {
            throw source.Files.Invalid(source.FileName, $"not a sound Unigram model: {e.Message}.", e);
        }
    }

    private void Parse(byte[] file)
    {
        var message = new ProtobufReader(file);
        while (message.Read())
        {
            switch (message.Field)
            {
                case 1: ParsePiece(message.Bytes); break;
                case 2: ParseTrainer(message.Bytes); break;
                case 3: ParseNormalizer(message.Bytes); break;
            }
        }
        Check();
    }

    private void Check()
    {
        if (Pieces.Count == 0)
            throw new InvalidDataException("it has no pieces");
        Unknown = Pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown);
        if (Unknown < 0)
            throw new InvalidDataException("it has no unknown piece");
        if (!Pieces.Exists(piece => piece.Kind == PieceKind.Normal))
            throw new InvalidDataException("it has no normal piece");
        if (ByteFallback && Enumerable.Range(0, 256).Any(value => !Index.ContainsKey(ByteFallbackPiece((byte)value))))
            throw new InvalidDataException("it asks for byte_fallback and lacks some of the pieces <0x00> to <0xFF>");
    }

    /// <summary>The piece that stands for a byte under byte fallback.</summary>
    public static string ByteFallbackPiece(byte value) => $"<0x{value:X2}>";

    private void ParsePiece(ReadOnlySpan<byte> bytes)
    {
        (string text, float score, PieceKind kind) = ("", 0, PieceKind.Normal);
        var piece = new ProtobufReader(bytes);
        while (piece.Read())
        {
            switch (piece.Field)
            {
                case 1: text = Strict.GetString(piece.Bytes); break;
                case 2: score = piece.Single; break;
                case 3: kind = (PieceKind)piece.Int32; break;
            }
        }
        Add(new VocabularyPiece(text, score, kind));
    }

    private void Add(VocabularyPiece added)
    {
        (string text, float score, PieceKind kind) = added;
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
            throw new InvalidDataException($"piece {Pieces.Count} is empty or holds a NUL character");
        if (!float.IsFinite(score) || !Enum.IsDefined(kind))
            throw new InvalidDataException($"piece {Pieces.Count} ('{text}') has the score {score} and the kind {(int)kind}");
        if (!Index.TryAdd(text, Pieces.Count))
            throw new InvalidDataException($"the piece '{text}' occurs twice, at {Index[text]} and {Pieces.Count}");
        Pieces.Add(added);
    }

    private void ParseTrainer(ReadOnlySpan<byte> bytes)
    {
        var trainer = new ProtobufReader(bytes);
        while (trainer.Read())
        {
            switch (trainer.Field)
            {
                case 3: Algorithm = (SentencePieceAlgorithm)trainer.Int32; break;
                case 24: SpaceAsSuffix = trainer.Number != 0; break;
                case 35: ByteFallback = trainer.Number != 0; break;
            }
        }
    }

    private void ParseNormalizer(ReadOnlySpan<byte> bytes)
    {
        var normalizer = new ProtobufReader(bytes);
        while (normalizer.Read())
        {
            switch (normalizer.Field)
            {
                case 2: CharacterMap = normalizer.Bytes.ToArray(); break;
                case 3: AddDummyPrefix = normalizer.Number != 0; break;
                case 4: RemoveExtraSpaces = normalizer.Number != 0; break;
                case 5: EscapeSpaces = normalizer.Number != 0; break;
            }
        }
    }
}
