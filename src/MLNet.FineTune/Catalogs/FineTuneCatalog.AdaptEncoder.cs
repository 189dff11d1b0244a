using MLNet.FineTune;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Pretraining;

namespace Microsoft.ML;

public static partial class FineTuneCatalog
{
    /// <summary>Goes on training an encoder on the texts of a task, of its domain, or first the one and then the other, so that what is fine-tuned from it does better.</summary>
    /// <param name="catalog">The text transforms of an <see cref="MLContext"/>.</param>
    /// <param name="encoder">The encoder to adapt.</param>
    /// <param name="outputDirectory">The folder that the adapted encoder goes to, in Hugging Face's layout; an encoder that is there is replaced when training has ended.</param>
    /// <param name="taskTexts">Texts of the task, labels not needed; null for none.</param>
    /// <param name="domainTexts">A large corpus of texts like the task's; null for none.</param>
    /// <param name="textColumnName">The column of texts in both.</param>
    /// <returns>The adapted encoder: <paramref name="outputDirectory"/> as a source.</returns>
    /// <inheritdoc cref="AdaptEncoder(TransformsCatalog.TextTransforms, EncoderAdaptationOptions)"/>
    public static EncoderSource AdaptEncoder(
        this TransformsCatalog.TextTransforms catalog, EncoderSource encoder, string outputDirectory, IDataView? taskTexts = null, IDataView? domainTexts = null, string textColumnName = "Text") =>
        catalog.AdaptEncoder(new EncoderAdaptationOptions
        {
            Encoder = encoder,
            OutputDirectory = outputDirectory,
            TaskTexts = taskTexts,
            DomainTexts = domainTexts,
            TaskTextColumnName = textColumnName,
            DomainTextColumnName = textColumnName,
        });

    /// <summary>Goes on training an encoder on the texts of a task, of its domain, or first the one and then the other, with all options.</summary>
    /// <remarks>
    /// The work is done by this call, as by a trainer's <c>Fit</c>; what it gives is not a transformer but an encoder, for
    /// any trainer or transform that takes one. Texts are read row by row, several times. Rows that lack text are skipped.
    /// </remarks>
    /// <param name="catalog">The text transforms of an <see cref="MLContext"/>.</param>
    /// <param name="options">Encoder, texts, output and training.</param>
    /// <returns>The adapted encoder: <see cref="EncoderAdaptationOptions.OutputDirectory"/> as a source.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it, what was found and what is expected.</exception>
    /// <exception cref="InvalidOperationException">There are no rows or no texts, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing, or the output directory holds something else than an encoder or cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed, or a checkpoint to resume from is malformed or of another run.</exception>
    /// <exception cref="NotSupportedException">The encoder's tokenizer has no mask token, which masked language modelling needs.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by a phase's token or the context; the output directory is as it was.</exception>
    public static EncoderSource AdaptEncoder(this TransformsCatalog.TextTransforms catalog, EncoderAdaptationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return AdaptationRun.Execute(CatalogEnvironment.Of(catalog), options);
    }
}
