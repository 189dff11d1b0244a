using System.Globalization;

namespace MLNet.FineTune.Tokenization;

/// <summary>ALBERT separates a comma from the digits before it, as its pre-training did: "80," becomes "80" and ",".</summary>
internal sealed class AlbertSegmenter(SentencePieceModel model, IPieceSegmenter inner) : IPieceSegmenter
{
    public Piece[] Segment(string text)
    {
        Piece[] pieces = inner.Segment(text);
        if (!Array.Exists(pieces, piece => EndsInDigitComma(text, piece)))
            return pieces;
        var separated = new List<Piece>();
        foreach (Piece piece in pieces)
        {
            if (EndsInDigitComma(text, piece))
                Separate(text, piece, separated);
            else
                separated.Add(piece);
        }
        return [.. separated];
    }

    private static bool EndsInDigitComma(string text, Piece piece) =>
        piece.End - piece.Start > 1 && text[piece.End - 1] == ',' && CharUnicodeInfo.GetDigitValue(text[piece.End - 2]) >= 0;

    private void Separate(string text, Piece piece, List<Piece> pieces)
    {
        const char Space = SentencePieceNormalizer.Space;
        bool beginsWord = text[piece.Start] == Space;
        int start = piece.Start + (beginsWord ? 1 : 0);
        // The digits are segmented as a word of their own; where they did not begin one, its space is taken off again.
        string word = Space + text[start..(piece.End - 1)];
        foreach (Piece part in inner.Segment(word))
        {
            int from = start - 1 + part.Start, to = start - 1 + part.End;
            if (part.Start > 0 || beginsWord)
                pieces.Add(new Piece(part.Id, from, to));
            else if (part.End > 1)
                pieces.Add(new Piece(IdOf(word[1..part.End]), from + 1, to));
        }
        pieces.Add(new Piece(IdOf(","), piece.End - 1, piece.End));
    }

    private int IdOf(string piece) => model.Index.GetValueOrDefault(piece, model.Unknown);
}
