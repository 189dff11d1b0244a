using Microsoft.Extensions.AI;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Extensions.AI;

/// <summary>Embeds texts with an encoder, in batches of similar length. Thread-safe.</summary>
/// <remarks>The encoder is used in place: a generator holds no weights of its own.</remarks>
internal sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string ProviderName = "MLNet.FineTune";

    private readonly IEmbedderOwner _encoder;
    private readonly IDisposable? _owned;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly int _width;
    private readonly int _window;
    private volatile bool _disposed;

    /// <param name="encoder">What embeds.</param>
    /// <param name="modelId">What the model is called; null where it has no name.</param>
    /// <param name="dimensions">How many numbers a vector has where a request does not say; null for all.</param>
    /// <param name="owned">What is disposed with the generator.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more dimensions than the encoder gives, or none.</exception>
    public TextEmbeddingGenerator(IEmbedderOwner encoder, string? modelId, int? dimensions, IDisposable? owned)
    {
        (_encoder, _owned) = (encoder, owned);
        (int width, int batch) = (0, 0);
        encoder.UseEmbedder(embedder => (width, batch) = (embedder.Dimension, embedder.BatchSize));
        (_width, _window) = (width, TextTransform.WindowBatches * Math.Max(1, batch));
        _metadata = new EmbeddingGeneratorMetadata(ProviderName, providerUri: null, modelId, Check(dimensions ?? width, nameof(dimensions)));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A text is null, the dimensions are none the encoder gives, or another model is asked for.</exception>
    /// <exception cref="ObjectDisposedException">The generator or its model was disposed.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (options?.ModelId is { } model && model != _metadata.DefaultModelId)
            throw new ArgumentException($"The model asked for is '{model}'; this generator has {(_metadata.DefaultModelId is { } own ? $"'{own}'" : "one without a name")} and no other.", nameof(options));
        int dimensions = Check(options?.Dimensions ?? _metadata.DefaultModelDimensions!.Value, nameof(options));
        TextInput[] texts = [.. values.Select((text, i) => new TextInput(text ?? throw new ArgumentException($"Text {i} (counted from 0) is null.", nameof(values))))];
        return Task.Run(() => Generate(texts, dimensions, cancellationToken), cancellationToken);
    }

    /// <summary>The metadata, the generator itself, or the model it was made from.</summary>
    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_encoder) ? _encoder
            : null;
    }

    /// <summary>Ends the use of the generator; frees the encoder, once embedding that is under way has ended, where the generator owns it.</summary>
    public void Dispose()
    {
        _disposed = true;
        _owned?.Dispose();
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(TextInput[] texts, int dimensions, CancellationToken cancellationToken)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(texts.Length);
        long tokens = 0;
        var buffer = new float[Math.Min(_window, texts.Length) * _width];
        // What sorting by length gains, a window gives; and tokens of many texts are not held at once.
        foreach (TextInput[] window in texts.Chunk(_window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _encoder.UseEmbedder(embedder => tokens += embedder.Embed(window, buffer.AsSpan(0, window.Length * _width), cancellationToken.ThrowIfCancellationRequested));
            DateTimeOffset now = DateTimeOffset.UtcNow;
            for (int i = 0; i < window.Length; i++)
                embeddings.Add(new Embedding<float>(Matryoshka.Truncate(buffer.AsSpan(i * _width, _width), dimensions)) { CreatedAt = now, ModelId = _metadata.DefaultModelId });
        }
        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }

    private int Check(int dimensions, string parameter) => dimensions >= 1 && dimensions <= _width ? dimensions
        : throw new ArgumentOutOfRangeException(parameter, dimensions, $"Dimensions is {dimensions}; expected 1 to {_width}, which is what the encoder gives.");
}
