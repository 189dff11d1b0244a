using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>A deterministic stand-in for an encoder: how often each letter a to h occurs. It counts how it is used.</summary>
internal sealed class LetterCountEmbedder(int batchSize = 4, bool normalized = false) : ITextEmbedder
{
    private int _calls;
    private int _texts;
    private int _active;
    private int _disposals;

    public int Dimension => 8;

    public bool IsNormalized => normalized;

    public int BatchSize => batchSize;

    public int Calls => _calls;

    public int Texts => _texts;

    public int Disposals => _disposals;

    /// <summary>Set when the embedder was disposed while a call was under way, or used after.</summary>
    public bool Misused { get; private set; }

    /// <summary>Runs inside each call of <see cref="Embed"/>.</summary>
    public Action? OnEmbed { get; set; }

    /// <summary>The vector of a text, from the definition.</summary>
    public static float[] Vector(string? text) => [.. Enumerable.Range(0, 8).Select(letter => (float)(text ?? "").Count(c => c == 'a' + letter))];

    public long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
    {
        Assert.AreEqual(inputs.Count * Dimension, embeddings.Length);
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _texts, inputs.Count);
        Interlocked.Increment(ref _active);
        checkAlive?.Invoke();
        OnEmbed?.Invoke();
        for (int i = 0; i < inputs.Count; i++)
            Vector(inputs[i].Text).CopyTo(embeddings[(i * Dimension)..]);
        Misused |= _disposals > 0;
        Interlocked.Decrement(ref _active);
        return inputs.Sum(input => (long)input.Text.Length);
    }

    public void Save(Action<string, Action<Stream>> write) => throw new IOException("The stand-in cannot be saved.");

    public void Dispose()
    {
        Misused |= _active > 0;
        Interlocked.Increment(ref _disposals);
    }
}
