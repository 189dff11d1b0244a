namespace MLNet.FineTune.Models;

/// <summary>A text, or a pair of texts, to be scored, or a question with its context to be answered.</summary>
/// <param name="Text">The text, or the question; with <paramref name="Words"/>, these with a space between two.</param>
/// <param name="Pair">The second text of a pair, or the context; null for a single text.</param>
/// <param name="Words">The words of the text where each is classified; null where the text is.</param>
internal readonly record struct TextInput(string Text, string? Pair = null, IReadOnlyList<string>? Words = null)
{
    /// <summary>A text given as words.</summary>
    public static TextInput OfWords(IReadOnlyList<string> words) => new(string.Join(' ', words), null, words);
}

/// <summary>A fitted classifier of texts, or of their words, or a finder of answers: tokenizer, encoder with its adapter, and head. Scoring is thread-safe.</summary>
internal interface ITextClassifier : IDisposable
{
    /// <summary>How many classes, hence logits a row, or a word where words are classified.</summary>
    int ClassCount { get; }

    /// <summary>How many logits a text has; of a question, how many numbers its answers have.</summary>
    int LogitCount(TextInput input) => ClassCount;

    /// <summary>How many rows a scoring batch holds at most.</summary>
    int BatchSize { get; }

    /// <summary>Scores rows in length-sorted batches.</summary>
    /// <param name="inputs">The texts, in any order and number.</param>
    /// <param name="logits">Receives the logits, those of each text, <see cref="LogitCount"/>, after those of the one before, in the order of <paramref name="inputs"/>; of words that have no token, not a number. Of a question, for each of its best answers the probability, where it begins in the context (−1 where there is none) and how many characters it has.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null);
}
