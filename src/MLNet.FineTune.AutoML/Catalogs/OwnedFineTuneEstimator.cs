using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.AutoML;

/// <summary>
/// Trains in one context a model that belongs to another. AutoML makes a context for each trial, by which it cancels training, and cancels it when the trial is
/// over too: a model of that context would refuse to score.
/// </summary>
internal sealed class OwnedFineTuneEstimator : IEstimator<ITransformer>
{
    private readonly IHostEnvironment _training, _owner;
    private readonly TextClassificationOptions _options;
    private readonly ClassificationTask _task;
    private readonly int _seed;

    /// <param name="training">Gives the seed, and log and cancellation of the training.</param>
    /// <param name="owner">Gives log and cancellation of the model.</param>
    /// <param name="options">Columns, encoder, method and training.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it, what was found and what is expected.</exception>
    public OwnedFineTuneEstimator(IHostEnvironment training, IHostEnvironment owner, TextClassificationOptions options, ClassificationTask task)
    {
        options.Validate();
        (_training, _owner, _options, _task) = (training, owner, options, task);
        _seed = training.Register(nameof(OwnedFineTuneEstimator)).Rand.Next();
    }

    public ITransformer Fit(IDataView input) => RepeatedFit.Fit(_training, _options, _seed, input, _task, _owner);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => TextClassificationSchema.GetOutputShape(inputSchema, _options.TrainingColumns, _options.ScoringColumns, _task);
}
