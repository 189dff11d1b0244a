using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>A search over the options of a trainer, made by <c>mlContext.FineTuning().CreateSearch</c>.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public sealed class TrainerSearch<TOptions> where TOptions : class, new()
{
    private const string Title = "Search over a trainer's options";

    private readonly MLContext _context;
    private readonly TrainerSearchOptions<TOptions> _options;

    internal TrainerSearch(MLContext context, TrainerSearchOptions<TOptions> options)
    {
        options.Validate();
        (_context, _options) = (context, options);
    }

    /// <summary>Searches, or goes on with a search that the storage has, until the budget is spent.</summary>
    /// <remarks>
    /// Trials run one after the other; to run several at once, let several processes search in one storage. A trial that fails is recorded and the search goes on. With the
    /// same options the same search is made, and an interrupted one goes on to the same end, as long as time is no objective and the trainer is made with the trial's context.
    /// </remarks>
    /// <returns>All trials, and the front of the best; after a cancellation what was found until then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column of <see cref="TrainerSearchOptions{TOptions}.StratificationColumnName"/> is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is out of range, a first point is none of the space's, or a class has too few rows to be split.</exception>
    /// <exception cref="InvalidOperationException">The storage has another search of the same name.</exception>
    /// <exception cref="IOException">The storage cannot be reached.</exception>
    public TrainerSearchResult<TOptions> Run()
    {
        _options.Validate();
        using var run = new SearchRun(_options, OptionsTokens.Of(_options.Defaults));
        IHost host = ((IHostEnvironment)_context).Register(Title);
        Action checkAlive = run.EndsSearch(() => TrialEnvironment.CheckAlive(host));
        SearchParts parts = SearchParts.Create(host, _options, checkAlive);
        IReadOnlyList<IReadOnlyDictionary<string, object>> first = SearchRun.Distinct(_options.Parameters, _options.FirstPoints ?? []);
        StudyDefinition study = TrainerStudy.Define(_options, first, _context);
        using var watch = new CallerWatch(checkAlive);
        var trials = new TrainerTrials<TOptions>(_context, _options, parts, study.Objectives, checkAlive);
        FoundTrials found = run.Search(study, _options.Parameters, first, trials.Run);
        return new TrainerSearchResult<TOptions>(found, trial => new TrainerSearchEntry<TOptions>(trial, study.Objectives, _options, TrialSeed.Of(_options.Seed, trial.Number), _context));
    }
}
