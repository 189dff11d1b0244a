using MLNet.FineTune;
using MLNet.FineTune.Search;

namespace Microsoft.ML;

/// <summary>The search over fine-tuning methods as a method of <c>mlContext.FineTuning()</c>.</summary>
public static class PeftSearchCatalog
{
    /// <summary>Searches for the fine-tuning methods that give the best accuracy for their number of trainable parameters.</summary>
    /// <param name="catalog">Obtained by <c>mlContext.FineTuning()</c>.</param>
    /// <param name="trainingSet">Labelled texts.</param>
    /// <param name="validationSet">Labelled texts to measure on; null to set a fifth of the training set aside.</param>
    /// <param name="encoder">Where the pretrained encoder comes from; null for <see cref="EncoderSource.Default"/>.</param>
    /// <param name="labelColumnName">The label column: a key for several classes, Boolean for two.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="sentence2ColumnName">The column of second texts, to classify pairs; null for single texts.</param>
    /// <param name="maxTrials">How many methods are tried.</param>
    /// <inheritdoc cref="SearchPeft(FineTuningCatalog, PeftSearchOptions)"/>
    public static PeftSearchResult SearchPeft(
        this FineTuningCatalog catalog,
        IDataView trainingSet,
        IDataView? validationSet = null,
        EncoderSource? encoder = null,
        string labelColumnName = "Label",
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        int maxTrials = 200) => catalog.SearchPeft(new PeftSearchOptions
        {
            TrainingSet = trainingSet,
            ValidationSet = validationSet,
            Trainer = new TextClassificationOptions
            {
                Encoder = encoder ?? EncoderSource.Default,
                LabelColumnName = labelColumnName,
                Sentence1ColumnName = sentence1ColumnName,
                Sentence2ColumnName = sentence2ColumnName,
            },
            MaxTrials = maxTrials,
        });

    /// <summary>
    /// Searches for the best fine-tuning methods for several objectives at once, quality and number of trainable parameters at first, as
    /// AutoPEFT does (Zhou et al. 2023, "AutoPEFT: Automatic Configuration Search for Parameter-Efficient Fine-Tuning", arXiv 2301.12132), with all options.
    /// </summary>
    /// <remarks>
    /// The texts are read once, and tokenised once, or once for each maximum length that cuts some of them; the checkpoint is opened once, and the outputs of
    /// layers that a trial leaves as they are, below the lowest one that it changes, are computed once for all trials and folds
    /// (<see cref="TrainingOptions.FrozenStateMegabytes"/>). Most of the time goes into the layers above, where trials have nothing in common: what shortens a search much is
    /// a <see cref="SearchOptions.Pruner"/>. Trials run one after the other; to run several at once, let several processes search in one storage. A trial that fails is recorded and the
    /// search goes on. With the same options the same search is made, and an interrupted one goes on to the same end, as long as time is no objective.
    /// </remarks>
    /// <param name="catalog">Obtained by <c>mlContext.FineTuning()</c>.</param>
    /// <param name="options">Data, space, tuner, objectives and budgets.</param>
    /// <returns>All trials, and the front of the best; after a cancellation what was found until then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it, what was found and what is expected.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from or split, the storage has another search of the same name, the encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing, or the storage cannot be reached.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder, or the storage, is malformed.</exception>
    public static PeftSearchResult SearchPeft(this FineTuningCatalog catalog, PeftSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return PeftSearch.Run(catalog.Environment, options);
    }
}
