using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Trains an encoder on raw text by masked language modelling, from random weights or from an encoder's own.</summary>
    /// <param name="texts">The corpus, a paragraph a row. It is read row by row, once, or twice where a vocabulary is made from it, and may be larger than memory.</param>
    /// <param name="encoder">The encoder to go on from, or <see cref="EncoderSource.FromScratch"/> for a new one.</param>
    /// <param name="outputDirectory">The folder that the trained encoder goes to, in Hugging Face's layout; an encoder that is there is replaced when training has ended.</param>
    /// <param name="textColumnName">The column of texts.</param>
    /// <param name="epochs">How often each text is seen.</param>
    /// <param name="batchSize">Passages that go through the model at once.</param>
    /// <returns>The trained encoder: <paramref name="outputDirectory"/> as a source.</returns>
    /// <inheritdoc cref="Pretrain(IDataView, EncoderSource, string, EncoderPretrainingOptions)"/>
    public EncoderSource Pretrain(IDataView texts, EncoderSource encoder, string outputDirectory, string textColumnName = "Text", int epochs = 1, int batchSize = 64) =>
        Pretrain(texts, encoder, outputDirectory, new EncoderPretrainingOptions
        {
            TextColumnName = textColumnName,
            Pretraining = { Training = { Epochs = epochs, BatchSize = batchSize } },
        });

    /// <summary>Trains an encoder on raw text, from random weights or from an encoder's own, with all options.</summary>
    /// <remarks>
    /// To go on training an encoder on the texts of a task or its domain, <c>mlContext.Transforms.Text.AdaptEncoder</c> has
    /// the defaults for that. With a seed in the <see cref="MLContext"/> the same call gives the same encoder. Rows that lack
    /// text are skipped.
    /// </remarks>
    /// <param name="texts">The corpus, a paragraph a row. It is read row by row, once, or twice where a vocabulary is made from it, and may be larger than memory.</param>
    /// <param name="encoder">The encoder to go on from, or <see cref="EncoderSource.FromScratch"/> for a new one.</param>
    /// <param name="outputDirectory">The folder that the trained encoder goes to, in Hugging Face's layout; an encoder that is there is replaced when training has ended.</param>
    /// <param name="options">Columns, losses and training.</param>
    /// <returns>The trained encoder: <paramref name="outputDirectory"/> as a source.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    /// <exception cref="InvalidOperationException">The corpus has no rows or no text, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing, or the output directory holds something else than an encoder or cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder, or the checkpoint to resume from, is malformed.</exception>
    /// <exception cref="NotSupportedException">The encoder's tokenizer has no mask token, which masked language modelling needs.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by the options' token or the context; the output directory is as it was.</exception>
    public EncoderSource Pretrain(IDataView texts, EncoderSource encoder, string outputDirectory, EncoderPretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputDirectory);
        ArgumentNullException.ThrowIfNull(options);
        return PretrainingRun.Execute(_context, texts, encoder, outputDirectory, options);
    }

    /// <summary>Goes a part of the way that training took an encoder: weights between those it began with and those it ended with, which often keep what both are good at (WiSE-FT, Wortsman et al. 2021, "Robust fine-tuning of zero-shot models", arXiv 2109.01903).</summary>
    /// <param name="start">The encoder that training began with; of <see cref="EncoderSource.FromScratch"/>, the random weights that <see cref="Pretrain(IDataView, EncoderSource, string, EncoderPretrainingOptions)"/> draws with this context's seed, which must be the one it was trained with.</param>
    /// <param name="trained">The encoder that came of it, after one training or several.</param>
    /// <param name="outputDirectory">The folder that the encoder between them goes to, in Hugging Face's layout; an encoder that is there is replaced.</param>
    /// <param name="trainedShare">How far to go: 0 gives the weights of <paramref name="start"/>, 1 those of <paramref name="trained"/>.</param>
    /// <param name="saveAsHalf">Whether the weights are written in half precision.</param>
    /// <param name="tensorShare">The share of a single tensor, by its name in the encoder's files, from 0 to 1; <see langword="null"/> for <paramref name="trainedShare"/>. Default: none differs.</param>
    /// <returns>The encoder between them, with the pooling of <paramref name="trained"/>: <paramref name="outputDirectory"/> as a source.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trainedShare"/>, or what <paramref name="tensorShare"/> gives for a tensor, is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">The encoders differ in more than their weights; names the difference.</exception>
    /// <exception cref="InvalidOperationException">An encoder would have to be downloaded first, or no usable libtorch was found.</exception>
    /// <exception cref="IOException">A file of an encoder is missing, or the output directory holds something else than an encoder or cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of an encoder is malformed.</exception>
    /// <exception cref="NotSupportedException">The encoders have dense layers after their pooling.</exception>
    public EncoderSource InterpolateEncoders(EncoderSource start, EncoderSource trained, string outputDirectory, double trainedShare = 0.5, bool saveAsHalf = false, Func<string, double?>? tensorShare = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputDirectory);
        if (!(trainedShare is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(trainedShare), trainedShare, "Expected a share from 0 to 1.");
        return EncoderInterpolationRun.Execute(_context, start, trained, outputDirectory, ShareOf, saveAsHalf);

        double ShareOf(string tensor)
        {
            double share = tensorShare?.Invoke(tensor) ?? trainedShare;
            return share is >= 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(tensorShare), share, $"Expected a share from 0 to 1 for '{tensor}'.");
        }
    }

    /// <summary>The texts of a large corpus that are most like the texts of a task: those among the nearest of any of them, by cosine similarity of text embeddings.</summary>
    /// <remarks>
    /// The search is exact. The corpus is read row by row and embedded in blocks, so that it may be larger than memory; the
    /// task's embeddings and the neighbours of each of its texts are held. Each text is taken once, and none that is also among the task's.
    /// <see cref="EncoderAdaptationOptions.Selection"/> does the same on the way to an adapted encoder.
    /// </remarks>
    /// <param name="domainTexts">The corpus; it must give the same rows in the same order each time it is read.</param>
    /// <param name="taskTexts">The texts whose neighbours are sought.</param>
    /// <param name="encoder">The encoder whose text embeddings are compared.</param>
    /// <param name="neighborCount">Neighbours of each text of the task, at least 1.</param>
    /// <param name="textColumnName">The column of texts in both.</param>
    /// <param name="similarityColumnName">The output column, <see cref="float"/>: the similarity to the text of the task that is nearest to the row.</param>
    /// <returns>The selected rows of <paramref name="domainTexts"/> in their order, with all their columns and the similarity; read from it when they are asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text, or <paramref name="neighborCount"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">There are no rows or no texts, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public IDataView SelectNearestTexts(
        IDataView domainTexts, IDataView taskTexts, EncoderSource encoder, int neighborCount = 50, string textColumnName = "Text", string similarityColumnName = "Similarity")
    {
        ArgumentNullException.ThrowIfNull(domainTexts);
        ArgumentNullException.ThrowIfNull(taskTexts);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(neighborCount, 1);
        ArgumentException.ThrowIfNullOrWhiteSpace(textColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(similarityColumnName);
        IHost host = Environment.Register(nameof(SelectNearestTexts));
        var columns = new CorpusColumns(textColumnName);
        SelectedRows selected = TextSelection.Nearest(
            host, new CorpusView(host, taskTexts, columns, "task's texts", nameof(taskTexts), host.CheckAlive), new CorpusView(host, domainTexts, columns, "domain's texts", nameof(domainTexts), host.CheckAlive),
            encoder, neighborCount, Precision.Auto, PretrainingRun.SelectDevice(host), host.CheckAlive);
        return new SelectedRowsView(host, domainTexts, selected, similarityColumnName);
    }
}
