using MLNet.FineTune.Runtime;
using MLNet.FineTune.Search;
using Microsoft.ML;

namespace MLNet.FineTune;

/// <summary>What all searches are told: the data, how to choose what is tried, budgets, and where trials are kept.</summary>
public abstract class SearchOptions
{
    private protected SearchOptions()
    {
    }

    /// <summary>Labelled rows to train on.</summary>
    public required IDataView TrainingSet { get; set; }

    /// <summary>Labelled rows that the trials are measured on; a label that is a key must have the key values of the training set's.</summary>
    /// <value>Default <see langword="null"/>: <see cref="ValidationFraction"/> of the training set, or <see cref="Folds"/>.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>The share of the training set, drawn from each class by the seed, that trials are measured on. Has no effect when a validation set or folds are given.</summary>
    /// <value>Default 0.2; above 0 and below 1.</value>
    public double ValidationFraction { get; set; } = 0.2;

    /// <summary>
    /// The number of parts of the training set, each of which is measured once on a model that learnt the others, in every trial: what is measured is the mean over them, its
    /// standard error goes to <see cref="SearchEntry.StandardError"/>, and a pruner decides after each part. Classes are spread evenly, and all trials have the same parts.
    /// </summary>
    /// <value>Default <see langword="null"/>: no cross-validation; else 2 or more, without a validation set.</value>
    public int? Folds { get; set; }

    /// <summary>Decides what to try.</summary>
    /// <value>Default <see cref="BayesianTuner"/>.</value>
    public Tuner Tuner { get; set; } = new BayesianTuner();

    /// <summary>Points of the space, as parameters by name, that are tried before the tuner is asked: what is known to do well, so that the search begins from there.</summary>
    /// <value>Default <see langword="null"/>: none; in a search over methods in the default space, usual ones with their defaults.</value>
    public IReadOnlyList<IReadOnlyDictionary<string, object>>? FirstPoints { get; set; }

    /// <summary>The number of trials of the whole search, those of earlier runs and other processes among them.</summary>
    /// <value>Default 200, as in the paper of AutoPEFT; <see langword="null"/> for no limit.</value>
    public int? MaxTrials { get; set; } = 200;

    /// <summary>The time after which this run ends; a trial in progress is given back, to be done in a later run.</summary>
    /// <value>Default <see langword="null"/>: no limit.</value>
    public TimeSpan? MaxDuration { get; set; }

    /// <summary>Where trials are kept, so that an interrupted search goes on and other processes can take part: a file name for SQLite, or an address of PostgreSQL; see <see cref="SearchStorage.Open"/>.</summary>
    /// <value>Default <see langword="null"/>: in memory.</value>
    public string? StorageConnectionString { get; set; }

    /// <summary>An open storage in place of <see cref="StorageConnectionString"/>; it stays the caller's.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public SearchStorage? Storage { get; set; }

    /// <summary>The search's name in its storage. A search of the same name there is gone on with, if it has the same space, data, settings and seed.</summary>
    /// <value>Default <c>peft</c> for a search over fine-tuning methods, <c>trainer</c> for one over a trainer's options.</value>
    public string Name { get; set; } = "peft";

    /// <summary>Decides which rows are set aside, which points are tried, and all that is random in the trials.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>
    /// Ends hopeless trials early: after each epoch where one training is measured as it goes, after each part with <see cref="Folds"/>, or after each of <see cref="DataShares"/>.
    /// </summary>
    /// <value>Default <see langword="null"/>: all run to their end.</value>
    public IPruner? Pruner { get; set; }

    /// <summary>
    /// Shares of the training rows that each trial learns first, each in a training of its own that is measured at its end: successive halving on data. The <see cref="Pruner"/> decides after
    /// each, its step being the share in thousandths, and after nothing else. What is best on few rows need not be best on all: methods that train little are ahead there. The rows of a share are among those of the next and are the same in all trials; classes have in them the shares that they have in all.
    /// </summary>
    /// <value>Default none; else ascending, each at least 0.001 and below 1, with a <see cref="Pruner"/> and without <see cref="Folds"/>. For <see cref="SuccessiveHalvingPruner"/> a factor of its reduction apart, such as 1/9 and 1/3.</value>
    public IReadOnlyList<double> DataShares { get; set; } = [];

    /// <summary>Is told after each event.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public IProgress<SearchProgress>? Progress { get; set; }

    /// <summary>Ends the search; what was found so far is returned, and the trial in progress is given back.</summary>
    /// <value>Default <see cref="CancellationToken.None"/>.</value>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What is measured.</summary>
    private protected abstract IReadOnlyList<SearchObjective> StudyObjectives { get; }

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
        Require(TrainingSet is not null, nameof(TrainingSet), null, "data");
        Require(Folds is null or >= 2, nameof(Folds), Folds, "null or at least 2");
        Require(Folds is null || ValidationSet is null, nameof(ValidationSet), "set", $"null with {nameof(Folds)}, or that null");
        Require(ValidationSet is not null || Folds is not null || ValidationFraction is > 0 and < 1, nameof(ValidationFraction), ValidationFraction, "above 0 and below 1");
        Require(DataShares is not null && DataShares.All(share => share is >= 0.001 and < 1) && DataShares.Zip(DataShares.Skip(1)).All(pair => pair.First < pair.Second),
            nameof(DataShares), DataShares is null ? null : $"[{string.Join(", ", DataShares.Select(share => share.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]", "ascending shares from 0.001 to below 1, or none");
        Require(DataShares!.Count == 0 || Pruner is not null, nameof(Pruner), null, $"one that decides after each of {nameof(DataShares)}, or none of these");
        Require(DataShares.Count == 0 || Folds is null, nameof(Folds), Folds, $"null with {nameof(DataShares)}, or none of these");
        Require(Tuner is not null, nameof(Tuner), null, $"a tuner, such as new {nameof(BayesianTuner)}()");
        Require(StorageConnectionString is null || Storage is null, nameof(Storage), Storage, $"null with {nameof(StorageConnectionString)}, or that null");
        Tuner!.Validate();
        new StudyDefinition { Name = Name, Objectives = StudyObjectives }.Validate();
        RunnerOptions.Validate();
    }

    /// <summary>How this process takes part.</summary>
    internal TrialRunnerOptions RunnerOptions => new() { MaxTrials = MaxTrials, MaxDuration = MaxDuration, Seed = Seed, Pruner = Pruner, Progress = Progress };

    private protected void Require(bool valid, string option, object? found, string expected)
    {
        string type = GetType().Name;
        OptionRange.Require(valid, type.Split('`')[0], option, found, expected, option);
    }
}
