namespace MLNet.FineTune;

/// <summary>What is put before every text that is embedded, such as <c>query: </c>, where an encoder was trained so.</summary>
/// <remarks>A sentence-transformers directory may name prompts, and one of them as the default, in <c>config_sentence_transformers.json</c>. A prompt takes part in the greatest length.</remarks>
public sealed class EmbeddingPrompt
{
    private EmbeddingPrompt(bool usesCheckpoint, string? name, string? literal) => (UsesCheckpoint, Name, Literal) = (usesCheckpoint, name, literal);

    /// <summary>The default prompt of the encoder's directory; nothing where it names none.</summary>
    public static EmbeddingPrompt Default { get; } = new(usesCheckpoint: true, null, null);

    /// <summary>Nothing, whatever the encoder's directory says.</summary>
    public static EmbeddingPrompt None { get; } = new(usesCheckpoint: false, null, null);

    /// <summary>Whether the text is one of the encoder's directory.</summary>
    internal bool UsesCheckpoint { get; }

    internal string? Name { get; }

    internal string? Literal { get; }

    /// <summary>A prompt of the encoder's directory.</summary>
    /// <param name="name">Its name there, such as <c>query</c>. Whether there is one is seen when the encoder is opened.</param>
    /// <returns>The prompt.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static EmbeddingPrompt Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new EmbeddingPrompt(usesCheckpoint: true, name, null);
    }

    /// <summary>A text of your own.</summary>
    /// <param name="text">The text, with the space at its end that it may need, such as <c>"query: "</c>.</param>
    /// <returns>The prompt.</returns>
    /// <exception cref="ArgumentException"><paramref name="text"/> is empty.</exception>
    public static EmbeddingPrompt FromText(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new EmbeddingPrompt(usesCheckpoint: false, null, text);
    }

    /// <inheritdoc/>
    public override string ToString() => Literal is not null ? $"\"{Literal}\"" : Name ?? (UsesCheckpoint ? nameof(Default) : nameof(None));
}
