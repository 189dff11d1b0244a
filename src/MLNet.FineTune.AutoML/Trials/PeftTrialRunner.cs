using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.AutoML;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune;

/// <summary>Fine-tunes with each trial's method and training in an AutoML experiment; what the trials give are <see cref="PeftTrialResult"/>.</summary>
/// <remarks>
/// <para>
/// The metric is the best value of <see cref="TrainingOptions.ValidationMetric"/> on the way, whose weights the model has, and the mean over
/// the folds of cross-validation. The loss, of which AutoML seeks the lowest, is the metric, or its negative where more is better.
/// </para>
/// <para>
/// A trial that fails, because it diverges or the method does not fit the encoder, ends with a loss of <see cref="double.MaxValue"/> and its <see cref="PeftTrialResult.Error"/>: it is
/// never AutoML's best, and the experiment goes on. Files that cannot be read would fail each trial, and are thrown. A trial that AutoML or the context cancels ends
/// with an <see cref="OperationCanceledException"/>, which AutoML expects.
/// </para>
/// <para>
/// Give an experiment one runner of its own, not a factory of them, nor that of another experiment: it disposes the model of each trial that is not the best so far, whose <see cref="TrialResult.Model"/> is null, and
/// the model of a former best one when the trial after the better one begins. The model that the experiment returns stays the caller's. With folds it is the model of the
/// first one, as with AutoML's own runner. AutoML disposes the runner after each trial; that does nothing.
/// </para>
/// </remarks>
public sealed class PeftTrialRunner : ITrialRunner
{
    private const string Title = "Fine-tuning trials";

    private readonly MLContext _context;
    private readonly TextClassificationOptions _trainer;
    private readonly (IDataView Training, IDataView? Validation)[] _splits;
    private readonly PeftOptionSpace _space;
    private readonly int _seed;
    private double _bestLoss = double.MaxValue;
    private ITransformer? _best, _beaten;

    /// <summary>Checks options, data and device; the data are read once for that.</summary>
    /// <param name="context">Its log, device and cancellation are used.</param>
    /// <param name="options">Data, columns, encoder and what may vary.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it, what was found and what is expected.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from or split, or no usable libtorch or GPU was found.</exception>
    public PeftTrialRunner(MLContext context, PeftTrialOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _context = context;
        (_seed, SearchSpaceName) = (options.Seed, options.SearchSpaceName);
        _trainer = (TextClassificationOptions)options.Trainer.Copy();
        _trainer.Training = options.Trainer.Training.Copy();
        (_trainer.Training.CheckpointDirectory, _trainer.Training.TensorBoardDirectory) = (null, null);
        _space = MarkedOptions.SpaceOrDefault(options.Space, _trainer);
        IDataView? held = options.Folds is null ? options.ValidationSet : options.TrainingSet;
        RepeatedFit.Read(context, Title, _trainer, options.TrainingSet, held, options.ValidationFraction, options.Seed);
        if (options.Folds is { } folds)
        {
            _splits = [.. context.Data.CrossValidationSplit(options.TrainingSet, folds, seed: options.Seed).Select(fold => (fold.TrainSet, (IDataView?)fold.TestSet))];
        }
        else
        {
            _splits = [(options.TrainingSet, options.ValidationSet)];
            _trainer.Training.ValidationFraction = options.ValidationSet is null ? options.ValidationFraction : 0;
        }
    }

    /// <summary>The name under which the experiment's search space must have <see cref="SearchSpace"/>.</summary>
    public string SearchSpaceName { get; }

    /// <summary>What may vary.</summary>
    public AutoMLSpace SearchSpace => _space;

    /// <summary>Trains and measures.</summary>
    /// <param name="settings">The trial, whose parameters have the space's under its name.</param>
    /// <param name="ct">Ends the training before its next step.</param>
    /// <returns>A <see cref="PeftTrialResult"/>.</returns>
    /// <exception cref="ArgumentException">The trial's parameters have no space of the name: the experiment was not given it.</exception>
    /// <exception cref="OperationCanceledException">The trial was cancelled.</exception>
    /// <exception cref="IOException">A file of the encoder is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Parameter.TryGetValue(SearchSpaceName, out Parameter? parameter))
            throw new ArgumentException($"The trial's parameters have no '{SearchSpaceName}'; expected the experiment to have the runner's search space under that name.", nameof(settings));
        return Task.Run<TrialResult>(() => Run(settings, parameter, ct), ct);
    }

    /// <summary>Does nothing: AutoML disposes a runner after each trial, and goes on with it.</summary>
    public void Dispose()
    {
    }

    private PeftTrialResult Run(TrialSettings settings, Parameter parameter, CancellationToken cancellation)
    {
        (_beaten as IDisposable)?.Dispose();
        _beaten = null;
        var clock = Stopwatch.StartNew();
        TextClassificationOptions? options = null;
        try
        {
            options = _space.Apply(parameter, _trainer);
            options.Validate();
            (TextClassificationTransformer model, double metric) = Measure(options, cancellation);
            double loss = ClassificationMetrics.HigherIsBetter(options.Training.ValidationMetric) ? -metric : metric;
            return new PeftTrialResult
            {
                TrialSettings = settings,
                Metric = metric,
                Loss = loss,
                DurationInMilliseconds = clock.Elapsed.TotalMilliseconds,
                TrainableParameters = model.DescribeParameters().TrainableCount,
                Model = KeptIfBest(model, loss),
                Method = options.Peft,
                Training = options.Training,
            };
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or InvalidDataException or UnauthorizedAccessException))
        {
            return new PeftTrialResult
            {
                TrialSettings = settings,
                Metric = double.NaN,
                Loss = double.MaxValue,
                DurationInMilliseconds = clock.Elapsed.TotalMilliseconds,
                Method = options?.Peft,
                Training = options?.Training,
                Error = e,
            };
        }
    }

    /// <summary>The model of the first split, and the mean of the metrics.</summary>
    private (TextClassificationTransformer Model, double Metric) Measure(TextClassificationOptions options, CancellationToken cancellation)
    {
        TextClassificationTransformer? first = null;
        try
        {
            double sum = 0;
            foreach ((IDataView training, IDataView? validation) in _splits)
            {
                (TextClassificationTransformer model, double metric) = Fit(options, training, validation, cancellation);
                sum += metric;
                if (first is null)
                    first = model;
                else
                    model.Dispose();
            }
            return double.IsFinite(sum) ? (first!, sum / _splits.Length)
                : throw new InvalidOperationException(FormattableString.Invariant($"The validation metric {options.Training.ValidationMetric} is {sum}; expected a finite number."));
        }
        catch
        {
            first?.Dispose();
            throw;
        }
    }

    private (TextClassificationTransformer Model, double Metric) Fit(TextClassificationOptions options, IDataView training, IDataView? validation, CancellationToken cancellation)
    {
        var fit = (TextClassificationOptions)options.Copy();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, options.Training.CancellationToken);
        var best = new BestMetric(options.Training.ValidationMetric, options.Training.Progress);
        fit.ValidationSet = validation;
        fit.Training = options.Training.Copy();
        (fit.Training.Progress, fit.Training.CancellationToken) = (best, both.Token);
        return (RepeatedFit.Fit(_context, fit, _seed, training), best.Value);
    }

    /// <summary>The model where AutoML will take it for the best one; null after disposing it where not.</summary>
    private TextClassificationTransformer? KeptIfBest(TextClassificationTransformer model, double loss)
    {
        if (!(loss < _bestLoss))
        {
            model.Dispose();
            return null;
        }
        // AutoML still holds the former best one until it has seen this result.
        (_bestLoss, _beaten, _best) = (loss, _best, model);
        return model;
    }
}
