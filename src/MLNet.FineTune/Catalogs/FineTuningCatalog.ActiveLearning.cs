using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.ActiveLearning;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Measures how unsure a model is of texts.</summary>
    /// <param name="model">A fitted text classifier, or a chain that contains one. Parts before it whose columns the data does not have, such as the mapping of labels, are left out.</param>
    /// <param name="data">Data with the text columns; labels are not needed.</param>
    /// <param name="dropoutPasses">How often each text is also predicted under dropout, to see how far predictions disagree: 0 for not at all, else at least 2.</param>
    /// <param name="seed">Seed of dropout; null for one of the context's.</param>
    /// <returns>Entropy, margin and least confidence of each row, with passes disagreement too; <see cref="UncertaintyReport.ToTable"/> is text for people.</returns>
    /// <exception cref="ArgumentException">The model holds no text classifier.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type, or <paramref name="dropoutPasses"/> is negative or 1.</exception>
    /// <exception cref="InvalidOperationException">The data has no rows, or there are to be passes of a model without dropout.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public UncertaintyReport DescribeUncertainty(ITransformer model, IDataView data, int dropoutPasses = 0, int? seed = null)
    {
        if (dropoutPasses is < 0 or 1)
            throw new ArgumentOutOfRangeException(nameof(dropoutPasses), dropoutPasses, "Expected 0, for no disagreement, or at least 2.");
        return Pool(nameof(DescribeUncertainty), model, data).Describe(dropoutPasses, seed);
    }

    /// <summary>Chooses the texts whose labels the model would gain most by.</summary>
    /// <param name="model">A fitted text classifier, or a chain that contains one, as for <see cref="DescribeUncertainty"/>.</param>
    /// <param name="data">Texts without labels.</param>
    /// <param name="count">How many to choose; all where there are fewer.</param>
    /// <param name="strategy">By what they are chosen.</param>
    /// <returns>The rows of the data with their scores, the most useful first.</returns>
    /// <inheritdoc cref="SelectForLabelling(ITransformer, IDataView, int, LabellingOptions)" path="/exception"/>
    public IReadOnlyList<LabellingCandidate> SelectForLabelling(ITransformer model, IDataView data, int count, LabellingStrategy strategy = LabellingStrategy.Entropy) =>
        SelectForLabelling(model, data, count, new LabellingOptions { Strategy = strategy });

    /// <summary>Chooses the texts whose labels the model would gain most by, with all options.</summary>
    /// <param name="model">A fitted text classifier, or a chain that contains one, as for <see cref="DescribeUncertainty"/>.</param>
    /// <param name="data">Texts without labels.</param>
    /// <param name="count">How many to choose; all where there are fewer.</param>
    /// <param name="options">The strategy and what it needs.</param>
    /// <returns>The rows of the data with their scores, the most useful first.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the model holds no text classifier.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive, or a column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">Data has no rows, or <see cref="LabellingStrategy.Bald"/> was chosen for a model without dropout.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public IReadOnlyList<LabellingCandidate> SelectForLabelling(ITransformer model, IDataView data, int count, LabellingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options.Validate();
        return Pool(nameof(SelectForLabelling), model, data).Select(count, options);
    }

    private LabellingPool Pool(string name, ITransformer model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return new LabellingPool(Environment.Register(name), model, data);
    }
}
