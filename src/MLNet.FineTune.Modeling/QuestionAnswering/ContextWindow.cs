using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>A question with as much of its context as the encoder takes at once.</summary>
/// <param name="Encoding">
/// What the encoder reads. Its <see cref="Encoding.WordTokens"/> are the places where answers are looked for: the first token, which stands for no answer, then the context's.
/// </param>
/// <param name="Context">The whole context.</param>
/// <param name="First">Which of its tokens is the first in the window.</param>
/// <param name="Count">How many are in the window.</param>
internal sealed record ContextWindow(Encoding Encoding, ContextTokens Context, int First, int Count)
{
    /// <summary>The context token after the window's last.</summary>
    public int End => First + Count;

    /// <summary>Where a range of context tokens stands in the window's encoding; 0 twice, the place of no answer, where it is not whole in the window.</summary>
    public (int Start, int End) Place((int First, int Last)? tokens) =>
        tokens is { } range && range.First >= First && range.Last < End ? (Encoding.WordTokens![range.First - First + 1], Encoding.WordTokens[range.Last - First + 1]) : (0, 0);
}
