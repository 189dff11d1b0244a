using MLNet.FineTune;
using MLNet.FineTune.Search;

namespace Microsoft.ML;

/// <summary>The choice of an encoder as a method of <c>mlContext.FineTuning()</c>.</summary>
public static class EncoderSelectionCatalog
{
    /// <summary>
    /// Chooses between encoders without fine-tuning any of them on all rows: each is fine-tuned on a few subsets, and the loss for all rows is predicted from
    /// these (Lin et al. 2024, "Selecting Large Language Model to Fine-tune via Rectified Scaling Law", arXiv 2402.02314).
    /// </summary>
    /// <remarks>The subsets are the same for all encoders, each part of the next larger one. An encoder that cannot be fine-tuned is reported with its error.</remarks>
    /// <param name="catalog">Obtained by <c>mlContext.FineTuning()</c>.</param>
    /// <param name="options">Data, encoders, training and sizes.</param>
    /// <returns>The encoders by their predicted loss, with points and fitted curves.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it, what was found and what is expected.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from or split, or are too few for the subsets; or no usable libtorch or GPU was found.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, by the token or the context.</exception>
    public static EncoderSelectionResult SelectEncoder(this FineTuningCatalog catalog, EncoderSelectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return EncoderSelection.Run(catalog.Environment, options);
    }
}
