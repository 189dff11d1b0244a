using Microsoft.ML.Tokenizers;

namespace MLNet.FineTune.Tokenization;

/// <summary>The most probable segmentation under a unigram model, by Microsoft.ML.Tokenizers.</summary>
internal sealed class UnigramSegmenter : IPieceSegmenter
{
    private readonly SentencePieceTokenizer _library;

    public UnigramSegmenter(SentencePieceModel model)
    {
        using var file = new MemoryStream([.. model.File, .. Overrides(model)]);
        _library = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
    }

    public Piece[] Segment(string text)
    {
        IReadOnlyList<EncodedToken> tokens = _library.EncodeToTokens(text, out _, addBeginningOfSentence: false, addEndOfSentence: false, considerPreTokenization: false, considerNormalization: false);
        return [.. tokens.Select(token => new Piece(token.Id, token.Offset.Start.Value, token.Offset.End.Value))];
    }

    /// <summary>A second trainer_spec, which protobuf merges into the first: settings under which the library reads every model.</summary>
    /// <remarks>
    /// The library indexes by the ids of the begin, end and padding pieces, which models like ALBERT's declare as -1, and
    /// its byte fallback does not find unigram byte pieces. Neither matters here: special tokens and byte fallback are added outside.
    /// </remarks>
    private static byte[] Overrides(SentencePieceModel model)
    {
        byte[] unknownText = System.Text.Encoding.UTF8.GetBytes(model.Pieces[model.Unknown].Text);
        var spec = new List<byte>();
        void Number(int field, ulong value) => spec.AddRange([.. Varint((ulong)field << 3), .. Varint(value)]);
        void Text(int field) => spec.AddRange([.. Varint((ulong)field << 3 | 2), .. Varint((ulong)unknownText.Length), .. unknownText]);
        Number(35, 0); // byte_fallback
        foreach (int id in (int[])[40, 41, 42]) // unk_id, bos_id, eos_id
            Number(id, (ulong)model.Unknown);
        Number(43, ulong.MaxValue); // pad_id = -1
        foreach (int piece in (int[])[45, 46, 47]) // unk_piece, bos_piece, eos_piece
            Text(piece);
        return [2 << 3 | 2, .. Varint((ulong)spec.Count), .. spec];
    }

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
