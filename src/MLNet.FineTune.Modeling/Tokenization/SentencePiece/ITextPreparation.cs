namespace MLNet.FineTune.Tokenization;

/// <summary>Prepares text before SentencePiece's own normalisation, as a model family does.</summary>
internal interface ITextPreparation
{
    /// <summary>Whether it makes other letters of some.</summary>
    bool ChangesLetters { get; }

    /// <summary>The prepared text with the origin of its characters in <c>text[start..end]</c>.</summary>
    AlignedText Prepare(string text, int start, int end);
}
