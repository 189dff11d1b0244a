using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Options of a search over fine-tuning methods, <c>mlContext.FineTuning().SearchPeft</c>.</summary>
/// <remarks>A label that is a key makes the classifier a multiclass one; a Boolean, or numbers above 0 or not, a binary one.</remarks>
public sealed class PeftSearchOptions : SearchOptions
{
    /// <summary>Columns, encoder and all of the training that the space does not vary; the method is the search's.</summary>
    /// <value>
    /// The defaults of <see cref="TextClassificationOptions"/>. Validation data are given here, not there; checkpoints and event files are not written, and progress is the search's. The
    /// training's cancellation token ends the search too.
    /// </value>
    public TextClassificationOptions Trainer { get; set; } = new();

    /// <summary>What may vary.</summary>
    /// <value>Default <see langword="null"/>: an <see cref="AutoPeftSpace"/> of the encoder's size, with prefixes that leave texts half of the tokens it takes.</value>
    public PeftSearchSpace? Space { get; set; }

    /// <summary>What the search makes as good as it can.</summary>
    /// <value>Default quality and trainable parameters. Quality comes first; each once.</value>
    public IReadOnlyList<PeftObjective> Objectives { get; set; } = [PeftObjective.Quality, PeftObjective.TrainableParameters];

    /// <summary>The worst value of an objective that is taken: the most of a cost, the least of quality. A trial beyond one is not on the front, and one with too many trainable parameters is not trained at all.</summary>
    /// <value>Default none; else finite numbers, of some of <see cref="Objectives"/>.</value>
    public IReadOnlyDictionary<PeftObjective, double> Limits { get; set; } = new Dictionary<PeftObjective, double>();

    private protected override IReadOnlyList<SearchObjective> StudyObjectives => PeftObjectives.ToStudy(this, Trainer.Training.ValidationMetric);

    internal override void Validate()
    {
        Require(Trainer is not null, nameof(Trainer), null, nameof(TextClassificationOptions));
        Require(
            Objectives is [PeftObjective.Quality, ..] && Objectives.Distinct().Count() == Objectives.Count && Objectives.All(Enum.IsDefined),
            nameof(Objectives), Objectives is null ? null : $"[{string.Join(", ", Objectives)}]", $"{nameof(PeftObjective.Quality)} first, and each once");
        Require(
            Limits is not null && Limits.All(limit => double.IsFinite(limit.Value) && Objectives!.Contains(limit.Key)),
            nameof(Limits), Limits is null ? null : FormattableString.Invariant($"[{string.Join(", ", Limits.Select(limit => FormattableString.Invariant($"{limit.Key}: {limit.Value}")))}]"), $"finite numbers, of objectives that are among {nameof(Objectives)}");
        Trainer!.Validate();
        Require(Trainer.ValidationSet is null, $"{nameof(Trainer)}.{nameof(Trainer.ValidationSet)}", "set", $"null; give {nameof(PeftSearchOptions)}.{nameof(ValidationSet)}");
        Require(Trainer.Training.ValidationFraction == 0, $"{nameof(Trainer)}.{nameof(Trainer.Training)}.{nameof(TrainingOptions.ValidationFraction)}", Trainer.Training.ValidationFraction, $"0; give {nameof(PeftSearchOptions)}.{nameof(ValidationFraction)}");
        base.Validate();
    }
}
