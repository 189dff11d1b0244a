namespace MLNet.FineTune.Tokenization;

/// <summary>What an encoder reads: token ids with special tokens, and the segment type of each. Not padded; the batcher pads.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="TypeIds">Segment type of each token, as long as <paramref name="Ids"/>; all zero where the tokenizer gives pairs no types. Encodings may share it: not to be written to.</param>
internal sealed record Encoding(int[] Ids, int[] TypeIds)
{
    /// <summary>Of a text given as words: which token each word is classified by, −1 for words that have none here; of a question with its context: where answers are looked for; null for other texts.</summary>
    public int[]? WordTokens { get; init; }

    /// <summary>The second text of a pair whose texts are read each by itself; null for other texts.</summary>
    public Encoding? Second { get; init; }

    /// <summary>Tokens of the whole row.</summary>
    public int TokenCount => Ids.Length + (Second?.Ids.Length ?? 0);
}

/// <summary>An <see cref="Encoding"/> together with where each token came from.</summary>
/// <param name="Encoding">The ids and types.</param>
/// <param name="Spans">The origin of each token, as long as the ids.</param>
internal sealed record OffsetEncoding(Encoding Encoding, TokenSpan[] Spans);

/// <summary>The range of UTF-16 characters of the original text that a token stands for; white space before a word is not part of it.</summary>
/// <param name="Segment">0 for the first text, 1 for its pair, -1 for a special token that the tokenizer added.</param>
/// <param name="Start">Index of the first character.</param>
/// <param name="Length">Number of characters.</param>
internal readonly record struct TokenSpan(int Segment, int Start, int Length)
{
    /// <summary>The span of a special token that stands for no text.</summary>
    public static TokenSpan Special { get; } = new(-1, 0, 0);
}

/// <summary>A token of one text before special tokens and truncation: its id and the range of the text it covers.</summary>
internal readonly record struct Token(int Id, int Start, int End);
