using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Embedding;

/// <summary>The embedder of a transformer.</summary>
internal sealed class SharedEmbedder(ITextEmbedder embedder) : SharedModel<ITextEmbedder>(embedder, typeof(TextEmbeddingTransformer)), IEmbedderOwner
{
    public override int Width { get; } = embedder.Dimension;

    public override int BatchSize { get; } = embedder.BatchSize;

    public bool IsNormalized { get; } = embedder.IsNormalized;

    void IEmbedderOwner.UseEmbedder(Action<ITextEmbedder> action) => Use(action);

    protected override void Score(ITextEmbedder model, IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive) => model.Embed(inputs, scores, checkAlive);
}
