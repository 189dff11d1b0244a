namespace MLNet.FineTune.Tokenization;

/// <summary>Splits normalised text into the pieces of a SentencePiece model. Thread-safe.</summary>
internal interface IPieceSegmenter
{
    /// <summary>The pieces, numbered as in the model; what it cannot spell is the unknown piece.</summary>
    Piece[] Segment(string text);
}
