using MLNet.FineTune.Runtime;
using MLNet.FineTune.Search;
using Microsoft.ML;

namespace MLNet.FineTune;

/// <summary>Options of a search over fine-tuning methods, <c>mlContext.FineTuning().SearchPeft</c>.</summary>
public sealed class PeftSearchOptions
{
    /// <summary>Labelled texts to train on. A label that is a key makes the classifier a multiclass one; a Boolean, or numbers above 0 or not, a binary one.</summary>
    public required IDataView TrainingSet { get; set; }

    /// <summary>Labelled texts that the trials are measured on; the label must have the key values of the training set's.</summary>
    /// <value>Default <see langword="null"/>: <see cref="ValidationFraction"/> of the training set.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>The share of the training set, drawn from each class by the seed, that trials are measured on. Has no effect when a validation set is given.</summary>
    /// <value>Default 0.2; above 0 and below 1.</value>
    public double ValidationFraction { get; set; } = 0.2;

    /// <summary>Columns, encoder and all of the training that the space does not vary; the method is the search's.</summary>
    /// <value>The defaults of <see cref="TextClassificationOptions"/>. Validation data are given here, not there.</value>
    public TextClassificationOptions Trainer { get; set; } = new();

    /// <summary>What may vary.</summary>
    /// <value>Default <see langword="null"/>: an <see cref="AutoPeftSpace"/> of the encoder's size, with prefixes that leave texts half of the tokens it takes.</value>
    public PeftSearchSpace? Space { get; set; }

    /// <summary>Decides what to try.</summary>
    /// <value>Default <see cref="BayesianTuner"/>.</value>
    public Tuner Tuner { get; set; } = new BayesianTuner();

    /// <summary>What the search makes as good as it can.</summary>
    /// <value>Default quality and trainable parameters. Quality comes first; each once.</value>
    public IReadOnlyList<PeftObjective> Objectives { get; set; } = [PeftObjective.Quality, PeftObjective.TrainableParameters];

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

    /// <summary>The search's name in its storage. A search of the same name there is gone on with, if it has the same space, data, encoder, training and seed.</summary>
    /// <value>Default <c>peft</c>.</value>
    public string Name { get; set; } = "peft";

    /// <summary>Decides which rows are set aside, which points are tried, and all that is random in the trials.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>Ends hopeless trials early, by their validation metric after each epoch.</summary>
    /// <value>Default <see langword="null"/>: all run to their end.</value>
    public IPruner? Pruner { get; set; }

    /// <summary>Is told after each event.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public IProgress<SearchProgress>? Progress { get; set; }

    /// <summary>Ends the search; what was found so far is returned, and the trial in progress is given back.</summary>
    /// <value>Default <see cref="CancellationToken.None"/>.</value>
    public CancellationToken CancellationToken { get; set; }

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(TrainingSet is not null, nameof(TrainingSet), null, "data");
        Require(ValidationSet is not null || ValidationFraction is > 0 and < 1, nameof(ValidationFraction), ValidationFraction, "above 0 and below 1");
        Require(Trainer is not null, nameof(Trainer), null, nameof(TextClassificationOptions));
        Require(Tuner is not null, nameof(Tuner), null, $"a tuner, such as new {nameof(BayesianTuner)}()");
        Require(
            Objectives is [PeftObjective.Quality, ..] && Objectives.Distinct().Count() == Objectives.Count && Objectives.All(Enum.IsDefined),
            nameof(Objectives), Objectives is null ? null : $"[{string.Join(", ", Objectives)}]", $"{nameof(PeftObjective.Quality)} first, and each once");
        Require(StorageConnectionString is null || Storage is null, nameof(Storage), Storage, $"null with {nameof(StorageConnectionString)}, or that null");
        Trainer!.Validate();
        Require(Trainer.ValidationSet is null, $"{nameof(Trainer)}.{nameof(Trainer.ValidationSet)}", "set", $"null; give {nameof(PeftSearchOptions)}.{nameof(ValidationSet)}");
        Require(Trainer.Training.ValidationFraction == 0, $"{nameof(Trainer)}.{nameof(Trainer.Training)}.{nameof(TrainingOptions.ValidationFraction)}", Trainer.Training.ValidationFraction, $"0; give {nameof(PeftSearchOptions)}.{nameof(ValidationFraction)}");
        Tuner!.Validate();
        new StudyDefinition { Name = Name, Objectives = PeftObjectives.ToStudy(Objectives!, Trainer.Training.ValidationMetric) }.Validate();
        RunnerOptions.Validate();
    }

    /// <summary>How this process takes part.</summary>
    internal TrialRunnerOptions RunnerOptions => new() { MaxTrials = MaxTrials, MaxDuration = MaxDuration, Seed = Seed, Pruner = Pruner, Progress = Progress };

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(PeftSearchOptions), option, found, expected, option);
}
