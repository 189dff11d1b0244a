using MLNet.FineTune.Models;

namespace MLNet.FineTune.Embedding;

/// <summary>What has an encoder that embeds texts.</summary>
internal interface IEmbedderOwner
{
    /// <summary>Runs an action on the embedder, which is not freed before it has ended.</summary>
    /// <exception cref="NotSupportedException">The model gives no embeddings.</exception>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    void UseEmbedder(Action<ITextEmbedder> action);
}
