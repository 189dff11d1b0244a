using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune;
using MLNet.FineTune.AutoML;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Trainers;

namespace Microsoft.ML;

/// <summary>Fine-tuning as a sweepable estimator, which AutoML varies within a pipeline.</summary>
public static class SweepableCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to classify texts into the classes of a key, with a method and training that AutoML varies.</summary>
    /// <remarks>
    /// Append it to a pipeline, several for a choice among methods. A trial trains in AutoML's context, by which it is cancelled, and its model belongs to the catalog's: AutoML cancels its own
    /// when a trial is over, and models of that could not score. Without a space the options of the method that carry ML.NET's search attributes, the learning rate and
    /// the number of epochs vary, beginning with the values that they have. Conditions and constraints of a space are known to <see cref="FineTuneTuner"/>, not to AutoML's own tuners: a point
    /// that breaks a constraint is an error of its trial.
    /// </remarks>
    /// <param name="catalog">The multiclass trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">Columns, encoder, and all of method and training that does not vary. They are copied.</param>
    /// <param name="space">What may vary; null for the marked options of the method, the learning rate and the number of epochs.</param>
    /// <returns>The sweepable estimator.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static SweepableEstimator SweepableFineTune(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TextClassificationOptions options, PeftSearchSpace? space = null)
    {
        return Create(CatalogEnvironment.Of(catalog), options, space, ClassificationTask.Multiclass);
    }

    /// <summary>Fine-tunes a pretrained encoder to tell true from false texts, with a method and training that AutoML varies.</summary>
    /// <inheritdoc cref="SweepableFineTune(MulticlassClassificationCatalog.MulticlassClassificationTrainers, TextClassificationOptions, PeftSearchSpace)" path="/remarks"/>
    /// <param name="catalog">The binary trainers of an <see cref="MLContext"/>.</param>
    /// <param name="options">Columns, encoder, and all of method and training that does not vary. They are copied.</param>
    /// <param name="space">What may vary; null for the marked options of the method, the learning rate and the number of epochs.</param>
    /// <returns>The sweepable estimator.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public static SweepableEstimator SweepableFineTune(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TextClassificationOptions options, PeftSearchSpace? space = null)
    {
        return Create(CatalogEnvironment.Of(catalog), options, space, ClassificationTask.Binary);
    }

    private static SweepableEstimator Create(IHostEnvironment owner, TextClassificationOptions options, PeftSearchSpace? space, ClassificationTask task)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var template = (TextClassificationOptions)options.Copy();
        template.Training = options.Training.Copy();
        PeftOptionSpace searched = MarkedOptions.SpaceOrDefault(space, template);
        return new SweepableEstimator((MLContext context, Parameter parameter) => new OwnedFineTuneEstimator(context, owner, searched.Apply(parameter, template), task), searched);
    }
}
