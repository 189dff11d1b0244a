namespace MLNet.FineTune.Models;

/// <summary>Turns texts into vectors of fixed size: tokenizer, encoder and pooling. Embedding is thread-safe.</summary>
internal interface ITextEmbedder : IDisposable
{
    /// <summary>Width of the vectors.</summary>
    int Dimension { get; }

    /// <summary>Whether every vector is brought to length one.</summary>
    bool IsNormalized { get; }

    /// <summary>How many texts go through the encoder at once, at most.</summary>
    int BatchSize { get; }

    /// <summary>Embeds texts, in batches of similar length.</summary>
    /// <param name="inputs">Texts or pairs, in any order and number.</param>
    /// <param name="embeddings">Receives the vectors, row-major [texts, <see cref="Dimension"/>], in the order of the texts.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    /// <returns>How many tokens the texts have, special tokens included, after what is too long was cut.</returns>
    long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null);

    /// <summary>Writes the embedder as named files, each from start to end.</summary>
    void Save(Action<string, Action<Stream>> write);
}
