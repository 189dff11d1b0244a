using Microsoft.Extensions.AI;
using MLNet.FineTune.Runtime;
using MLNet.FineTune;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Extensions.AI;
using MLNet.FineTune.Transformers;

namespace Microsoft.ML;

/// <summary>The extension methods that give encoders and fitted models as embedding generators of Microsoft.Extensions.AI.</summary>
/// <remarks>
/// A generator is thread-safe, embeds in batches of similar length, counts the tokens it reads, and honours cancellation between
/// batches. Where fewer dimensions are asked for than the encoder gives, the first numbers of each vector are kept and brought
/// to length one, as Matryoshka embeddings are (Kusupati et al. 2022, arXiv 2205.13147); an encoder that was not trained for
/// that loses more by it.
/// </remarks>
public static class EmbeddingGeneratorCatalog
{
    /// <summary>An embedding generator over a pretrained encoder.</summary>
    /// <param name="catalog">Obtained by <c>mlContext.FineTuning()</c>.</param>
    /// <param name="encoder">Where the encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The generator, which holds the encoder: dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the encoder has no trained weights, or no prompt of the name asked for.</exception>
    /// <exception cref="InvalidOperationException">The encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="NotSupportedException">The encoder or its tokenizer is of a kind that is not supported.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> CreateEmbeddingGenerator(this FineTuningCatalog catalog, EncoderSource? encoder = null, EmbeddingGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new EmbeddingGeneratorOptions();
        options.Validate();
        EncoderSource source = encoder ?? EncoderSource.Default;
        var owner = new SharedEmbedder(options.ForEncoder(source).OpenEncoder(catalog.Environment));
        return owner.HandTo(() => new TextEmbeddingGenerator(owner, options.ModelId ?? source.Description, options.Dimensions, owner));
    }

    /// <summary>An embedding generator over the encoder of a fitted or loaded model, which is not copied.</summary>
    /// <param name="model">
    /// A <see cref="TextEmbeddingTransformer"/>; a <see cref="TextClassificationTransformer"/>, whose tuned encoder gives the vectors that
    /// its classifier sees (before the dense layer, where the encoder's family has one); or a chain, of which the last of these counts.
    /// </param>
    /// <param name="modelId">What the generator calls its model; null for no name.</param>
    /// <param name="dimensions">How many numbers a vector has where a request does not say; null for as many as the encoder gives.</param>
    /// <param name="ownsModel">Whether the model is disposed with the generator. Otherwise it must outlive it.</param>
    /// <returns>The generator.</returns>
    /// <exception cref="ArgumentException">The model contains nothing that embeds texts, or the dimensions are none its encoder gives.</exception>
    /// <exception cref="NotSupportedException">The classifier is of a kind that gives no embeddings.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(this ITransformer model, string? modelId = null, int? dimensions = null, bool ownsModel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ITransformer[] parts = [.. TransformerChains.Flatten(model)];
        IEmbedderOwner owner = parts.OfType<IEmbedderOwner>().LastOrDefault() ?? throw new ArgumentException(
            $"The model contains no {nameof(TextEmbeddingTransformer)} or {nameof(TextClassificationTransformer)}; it consists of {string.Join(", ", parts.Select(part => part.GetType().Name))}.", nameof(model));
        return new TextEmbeddingGenerator(owner, modelId, dimensions, ownsModel ? model as IDisposable : null);
    }
}
