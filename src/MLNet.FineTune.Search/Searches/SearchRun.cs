namespace MLNet.FineTune.Search;

/// <summary>A run of a search: what all kinds of search do with storage, tuner and cancellation.</summary>
internal sealed class SearchRun : IDisposable
{
    private readonly SearchOptions _options;
    private readonly SearchStorage? _owned;
    private readonly CancellationTokenSource _cancellation;

    /// <summary>Opens the storage.</summary>
    /// <param name="options">The options, which were checked.</param>
    /// <param name="others">Tokens that end the search besides the options' own: those of the training.</param>
    /// <exception cref="IOException">The storage cannot be reached.</exception>
    /// <exception cref="InvalidDataException">The storage is malformed.</exception>
    public SearchRun(SearchOptions options, IReadOnlyList<CancellationToken> others)
    {
        _options = options;
        _owned = options.Storage is not null ? null : options.StorageConnectionString is { } address ? SearchStorage.Open(address) : SearchStorage.InMemory();
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource([options.CancellationToken, .. others]);
    }

    private SearchStorage Storage => _options.Storage ?? _owned!;

    /// <summary>A check whose cancellation ends the search as the token does, rather than one trial.</summary>
    /// <param name="checkAlive">Throws when the caller's context was cancelled.</param>
    public Action EndsSearch(Action checkAlive) => () =>
    {
        try
        {
            checkAlive();
        }
        catch (OperationCanceledException)
        {
            _cancellation.Cancel();
            throw;
        }
    };

    /// <summary>Points as trials have them, each once.</summary>
    /// <exception cref="ArgumentException">One is none of the space's; says which, what was found and what is expected.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, object>> Distinct(ParameterSpace space, IReadOnlyList<IReadOnlyDictionary<string, object>> points) =>
    [
        .. points.Select((point, i) => space.TryUnits(point, out string problem) is { } units && space.Allows(units) ? space.ToParameters(units)
            : throw new ArgumentException($"{nameof(SearchOptions.FirstPoints)}[{i}] is no point of the space: {(problem.Length > 0 ? problem : "a constraint leaves it out.")}"))
            .DistinctBy(ParameterJson.Write),
    ];

    /// <summary>Runs trials until the budget is spent or the search is cancelled.</summary>
    /// <param name="study">The search.</param>
    /// <param name="space">What may vary.</param>
    /// <param name="firstPoints">Points of the space to try first.</param>
    /// <param name="evaluate">Tries a point.</param>
    /// <exception cref="InvalidOperationException">The storage has another search of the same name.</exception>
    public FoundTrials Search(StudyDefinition study, ParameterSpace space, IReadOnlyList<IReadOnlyDictionary<string, object>> firstPoints, Func<TrialContext, CancellationToken, TrialOutcome> evaluate)
    {
        TrialRunResult result = new TrialRunner(Storage, study, _options.RunnerOptions)
            .Run(new TunerSuggester(_options.Tuner, space, study.Objectives, firstPoints), evaluate, _cancellation.Token);
        SearchStudy found = Storage.GetStudies().Single(other => other.Name == study.Name);
        return new FoundTrials(found, result.Trials, result.Front);
    }

    public void Dispose()
    {
        _cancellation.Dispose();
        _owned?.Dispose();
    }
}
