namespace MLNet.FineTune.Models;

/// <summary>A text, or a pair of texts, to be scored.</summary>
internal readonly record struct TextInput(string Text, string? Pair = null);

/// <summary>A fitted classifier of texts: tokenizer, encoder with its adapter, and head. Scoring is thread-safe.</summary>
internal interface ITextClassifier : IDisposable
{
    /// <summary>How many classes, hence logits a row.</summary>
    int ClassCount { get; }

    /// <summary>How many rows a scoring batch holds at most.</summary>
    int BatchSize { get; }

    /// <summary>Scores rows in length-sorted batches.</summary>
    /// <param name="inputs">The texts, in any order and number.</param>
    /// <param name="logits">Receives the logits, row-major [inputs.Count, <see cref="ClassCount"/>], in the order of <paramref name="inputs"/>.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null);
}
