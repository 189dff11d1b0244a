using System.Collections.ObjectModel;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune;

/// <summary>A method that a search has tried, with what was measured of it.</summary>
public sealed class PeftSearchEntry : SearchEntry
{
    private readonly TextClassificationOptions _trainer;
    private readonly int _seed;
    private readonly IHostEnvironment _environment;

    internal PeftSearchEntry(
        TrialRecord trial, SearchObjective first, IReadOnlyList<PeftObjective> objectives, TextClassificationOptions trainer, int seed, IHostEnvironment environment)
        : base(trial, first)
    {
        (_trainer, _seed, _environment) = (trainer, seed, environment);
        Values = new ReadOnlyDictionary<PeftObjective, double>(objectives.Zip(trial.Values).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>The value of each objective.</summary>
    public IReadOnlyDictionary<PeftObjective, double> Values { get; }

    /// <summary>What trains.</summary>
    public PeftMethod Method => _trainer.Peft;

    /// <summary>What trains, as a text that <see cref="PeftMethod.Parse"/> reads.</summary>
    public string MethodText => Method.Format();

    /// <summary>How it trains: an object of the caller's own.</summary>
    public TrainingOptions Training => _trainer.Training.Copy();

    /// <summary>Trains once more, with the trial's random numbers: on the search's data it gives the trial's model, but for rounding where frozen layers were shared; on others a model like it.</summary>
    /// <param name="trainingSet">Labelled texts, with the columns of the search's.</param>
    /// <param name="validationSet">Rows to measure on, so that the best weights on the way are taken, as in the trial; null to take the last ones.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    /// <returns>A <see cref="MulticlassTextClassificationTransformer"/> or a <see cref="BinaryTextClassificationTransformer"/>; dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, by the token or the context.</exception>
    public TextClassificationTransformer Refit(IDataView trainingSet, IDataView? validationSet = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trainingSet);
        var options = (TextClassificationOptions)_trainer.Copy();
        options.ValidationSet = validationSet;
        options.Training = Training;
        options.Training.CancellationToken = cancellationToken;
        if (validationSet is null)
            (options.Training.EarlyStoppingPatience, options.Training.EvaluateEverySteps) = (null, null);
        return RepeatedFit.Fit(_environment, options, _seed, trainingSet);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"trial {Trial.Number}: {MethodText} ({string.Join(", ", Values.Select(value => FormattableString.Invariant($"{value.Key} {value.Value:G6}")))})");
}
