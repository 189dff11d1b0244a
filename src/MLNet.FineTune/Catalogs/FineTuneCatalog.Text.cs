using MLNet.FineTune;
using MLNet.FineTune.Catalogs;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Turns texts into vectors of fixed size with a pretrained encoder, as features for any trainer.</summary>
    /// <param name="catalog">The text transforms of an <see cref="MLContext"/>.</param>
    /// <param name="outputColumnName">The column of vectors that is added.</param>
    /// <param name="inputColumnName">The column of texts; null for a column named <paramref name="outputColumnName"/>.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static TextEmbeddingEstimator EmbedText(this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, EncoderSource? encoder = null) =>
        catalog.EmbedText(new TextEmbeddingOptions { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Encoder = encoder ?? EncoderSource.Default });

    /// <summary>Turns texts into vectors of fixed size with a pretrained encoder, with all options.</summary>
    /// <param name="catalog">The text transforms of an <see cref="MLContext"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static TextEmbeddingEstimator EmbedText(this TransformsCatalog.TextTransforms catalog, TextEmbeddingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new TextEmbeddingEstimator(CatalogEnvironment.Of(catalog), options);
    }
}
