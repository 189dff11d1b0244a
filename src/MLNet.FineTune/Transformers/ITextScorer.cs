using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>A model that gives a row of numbers for each text: a classifier's logits, an embedder's vector. Thread-safe.</summary>
internal interface ITextScorer
{
    /// <summary>How many numbers a row has, or a word of it where words are scored.</summary>
    int Width { get; }

    /// <summary>How many numbers a text has, where that depends on the text: on how many words it has.</summary>
    int WidthOf(TextInput input) => Width;

    /// <summary>How many texts go through the model at once, at least 1.</summary>
    int BatchSize { get; }

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    void CheckAlive();

    /// <summary>Computes the rows of any number of texts.</summary>
    /// <param name="inputs">The texts.</param>
    /// <param name="scores">Receives the numbers of each text, <see cref="WidthOf"/>, after those of the one before.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    void Score(IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive);
}
