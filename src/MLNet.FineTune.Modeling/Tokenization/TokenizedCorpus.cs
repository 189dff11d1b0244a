namespace MLNet.FineTune.Tokenization;

/// <summary>Tokenises many texts at once.</summary>
internal static class TokenizedCorpus
{
    /// <summary>Encodes texts in parallel; the result is in their order and the same for any number of threads.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">Texts and pairs.</param>
    /// <param name="maxLength">Most tokens of an encoding, special ones included.</param>
    /// <param name="truncation">What is kept of a longer text.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    /// <exception cref="ArgumentException">A text is null; the message names its row.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the special tokens.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Encoding[] EncodeAll(this TextTokenizer tokenizer, IReadOnlyList<(string Text, string? Pair)> texts, int maxLength, Truncation truncation, CancellationToken cancellationToken = default)
    {
        bool anyPair = false;
        for (int row = 0; row < texts.Count; row++)
        {
            if (texts[row].Text is null)
                throw new ArgumentException($"The text of row {row} is null; expected a text, which may be empty.", nameof(texts));
            anyPair |= texts[row].Pair is not null;
        }
        if (maxLength < tokenizer.SpecialTokenCount(anyPair))
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"The special tokens alone are {tokenizer.SpecialTokenCount(anyPair)}: the maximum length must be at least that.");

        var encodings = new Encoding[texts.Count];
        Parallel.For(0, texts.Count, new ParallelOptions { CancellationToken = cancellationToken },
            row => encodings[row] = tokenizer.Encode(texts[row].Text, texts[row].Pair, maxLength, truncation));
        return encodings;
    }
}
