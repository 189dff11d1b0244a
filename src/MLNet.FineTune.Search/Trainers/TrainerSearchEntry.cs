using System.Collections.ObjectModel;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Options that a search has tried, with what was measured of them.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public sealed class TrainerSearchEntry<TOptions> : SearchEntry where TOptions : class, new()
{
    private readonly TrainerSearchOptions<TOptions> _search;
    private readonly int _seed;
    private readonly IHostEnvironment _environment;

    internal TrainerSearchEntry(TrialRecord trial, IReadOnlyList<SearchObjective> objectives, TrainerSearchOptions<TOptions> search, int seed, IHostEnvironment environment)
        : base(trial, objectives[0])
    {
        (_search, _seed, _environment) = (search, seed, environment);
        Values = new ReadOnlyDictionary<string, double>(objectives.Zip(trial.Values).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal));
    }

    /// <summary>The value of each objective, by name.</summary>
    public IReadOnlyDictionary<string, double> Values { get; }

    /// <summary>The options: an object of the caller's own, but for objects in it that the space does not reach into.</summary>
    public TOptions Options => _search.OptionsAt(Trial.Parameters);

    /// <summary>Trains once more, with the trial's random numbers.</summary>
    /// <param name="trainingSet">Rows to learn, with the columns of the search's.</param>
    /// <param name="cancellationToken">Ends the training, where it heeds its context or a token in its options.</param>
    /// <returns>The model; dispose it where it can be disposed.</returns>
    /// <exception cref="OperationCanceledException">Training was cancelled by the token.</exception>
    public ITransformer Refit(IDataView trainingSet, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trainingSet);
        cancellationToken.ThrowIfCancellationRequested();
        MLContext context = TrialEnvironment.Create(_environment, _seed);
        using CancellationTokenRegistration registration = cancellationToken.Register(() => TrialEnvironment.Cancel(context));
        using var made = new OptionsCancellation<TOptions>(Options, cancellationToken);
        return _search.CreateTrainer(context, made.Options).Fit(trainingSet);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"trial {Trial.Number}: {string.Join(", ", Trial.Parameters.Select(parameter => FormattableString.Invariant($"{parameter.Key} {parameter.Value}")))} ({string.Join(", ", Values.Select(value => FormattableString.Invariant($"{value.Key} {value.Value:G6}")))})");
}
