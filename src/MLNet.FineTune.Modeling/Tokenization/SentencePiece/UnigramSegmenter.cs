using System.Buffers.Binary;
using Microsoft.ML.Tokenizers;

namespace MLNet.FineTune.Tokenization;

/// <summary>The most probable segmentation under a unigram model, by Microsoft.ML.Tokenizers.</summary>
/// <remarks>
/// The library is given a file with the pieces only. Of the original it would index by the ids of begin, end and padding
/// pieces, which models like ALBERT's declare as -1, and its byte fallback does not find the byte pieces of unigram models;
/// special tokens, normalisation and byte fallback are done outside.
/// </remarks>
internal sealed class UnigramSegmenter : IPieceSegmenter
{
    private readonly SentencePieceTokenizer _library;

    public UnigramSegmenter(SentencePieceModel model)
    {
        using var file = new MemoryStream();
        foreach (VocabularyPiece piece in model.Pieces)
            Message(file, 1, [.. Text(1, piece.Text), 2 << 3 | 5, .. Single(piece.Score), .. Number(3, (int)piece.Kind)]);
        string unknown = model.Pieces[model.Unknown].Text;
        Message(file, 2, [
            .. Number(40, model.Unknown), .. Number(41, model.Unknown), .. Number(42, model.Unknown), // unk_id, bos_id, eos_id
            .. Text(45, unknown), .. Text(46, unknown), .. Text(47, unknown), // unk_piece, bos_piece, eos_piece
        ]);
        Message(file, 3, []);
        file.Position = 0;
        _library = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
    }

    public Piece[] Segment(string text)
    {
        IReadOnlyList<EncodedToken> tokens = _library.EncodeToTokens(text, out _, addBeginningOfSentence: false, addEndOfSentence: false, considerPreTokenization: false, considerNormalization: false);
        return [.. tokens.Select(token => new Piece(token.Id, token.Offset.Start.Value, token.Offset.End.Value))];
    }

    private static void Message(MemoryStream file, int field, byte[] content)
    {
        file.Write([.. Varint(field << 3 | 2), .. Varint(content.Length)]);
        file.Write(content);
    }

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Text(int field, string value)
    {
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(value);
        return [.. Varint(field << 3 | 2), .. Varint(utf8.Length), .. utf8];
    }

    private static byte[] Single(float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return bytes;
    }

    private static List<byte> Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
