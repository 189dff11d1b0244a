using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Soups;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Averages fitted models: one model, as fast as each, that is often better than the best of them (model soups, Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time", arXiv 2203.05482).</summary>
    /// <remarks>
    /// What was trained is averaged, weight by weight: the adapter's parameters and the head, or the whole model of <see cref="FullFineTuning"/>. The models must be
    /// of one encoder, one method with equal options, and the same classes, and should have started from the same weights: fit them with contexts of one seed, on the same data, with
    /// other learning rates, numbers of epochs or regularisations. Weights that were trained cannot tell of which encoder they are, so that with <see cref="FullFineTuning"/> only its configuration and tokenizer are compared.
    /// </remarks>
    /// <typeparam name="TModel">The models' type.</typeparam>
    /// <param name="models">The models, which stay as they are.</param>
    /// <returns>The averaged model, with the columns of the first one, to be disposed when it is no longer used. It is saved and scored as any other.</returns>
    /// <exception cref="ArgumentException">There is no model, or models differ in more than their trained weights; names the difference.</exception>
    /// <exception cref="NotSupportedException">A model is not one that this library fitted.</exception>
    /// <exception cref="ObjectDisposedException">A model was disposed.</exception>
    public TModel Soup<TModel>(params IReadOnlyList<TModel> models) where TModel : FineTunedTextTransformer
    {
        ArgumentNullException.ThrowIfNull(models);
        return SoupRun.Uniform(Environment.Register(nameof(Soup)), models);
    }

    /// <summary>Averages those of some fitted models that go well together: beginning with the best, each further one, from the better to the worse, is added where the average does not get worse on a validation set (the greedy soup of arXiv 2203.05482).</summary>
    /// <remarks>The result is thus at least as good on the validation set as the best of the models. See <see cref="Soup"/> for what can be averaged.</remarks>
    /// <typeparam name="TModel">The models' type.</typeparam>
    /// <param name="models">The models, which stay as they are.</param>
    /// <param name="validationSet">Labelled rows with the text columns of the first model; none that the models learnt.</param>
    /// <param name="labelColumnName">The label: a key with the models' classes, or Boolean; a number; or a vector of keys, one a word.</param>
    /// <param name="metric">What is measured; null for <see cref="ValidationMetric.Accuracy"/>, of texts or words, and <see cref="ValidationMetric.RootMeanSquaredError"/> where numbers are predicted.</param>
    /// <returns>The averaged model and what is in it.</returns>
    /// <exception cref="ArgumentException">There is no model, models differ in more than their trained weights, or the metric is not defined for them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The validation set has no rows, or other classes.</exception>
    /// <exception cref="NotSupportedException">A model is not one that this library fitted, or answers questions: such models are mixed by <see cref="Soup"/> alone.</exception>
    /// <exception cref="ObjectDisposedException">A model was disposed.</exception>
    public GreedySoup<TModel> GreedySoup<TModel>(
        IReadOnlyList<TModel> models, IDataView validationSet, string labelColumnName = DefaultColumnNames.Label, ValidationMetric? metric = null) where TModel : FineTunedTextTransformer
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(validationSet);
        if (metric is { } named && !Enum.IsDefined(named))
            throw new ArgumentOutOfRangeException(nameof(metric), metric, $"Expected one of {string.Join(", ", Enum.GetNames<ValidationMetric>())}.");
        return SoupRun.Greedy(Environment.Register(nameof(GreedySoup)), models, validationSet, labelColumnName, metric);
    }
}
