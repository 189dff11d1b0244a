using Microsoft.ML;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>Options of fine-tuning as the trials of an AutoML experiment.</summary>
public sealed class PeftTrialOptions
{
    /// <summary>Labelled texts to train on. A label that is a key makes the classifier a multiclass one; a Boolean, or numbers above 0 or not, a binary one.</summary>
    public required IDataView TrainingSet { get; set; }

    /// <summary>Labelled texts that the trials are measured on; the label must have the key values of the training set's.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Folds"/>, or <see cref="ValidationFraction"/> of the training set.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>The number of folds of cross-validation: each trial trains so many times, and its metric is the mean.</summary>
    /// <value>Default <see langword="null"/>: no cross-validation; at least 2, without a validation set.</value>
    public int? Folds { get; set; }

    /// <summary>The share of the training set, drawn from each class by the seed, that all trials are measured on. Has no effect with a validation set or folds.</summary>
    /// <value>Default 0.2; above 0 and below 1.</value>
    public double ValidationFraction { get; set; } = 0.2;

    /// <summary>Columns, encoder, and all of method and training that the space does not vary. The metric is <see cref="TrainingOptions.ValidationMetric"/>.</summary>
    /// <value>The defaults of <see cref="TextClassificationOptions"/>. Validation data are given here, not there; checkpoints and event files are not written.</value>
    public TextClassificationOptions Trainer { get; set; } = new();

    /// <summary>What may vary.</summary>
    /// <value>
    /// Default <see langword="null"/>: the options of <c>Trainer.Peft</c> that carry ML.NET's search attributes, the learning rate and the number of
    /// epochs, beginning with the values that they have in <see cref="Trainer"/>.
    /// </value>
    public PeftSearchSpace? Space { get; set; }

    /// <summary>The name that the space has in the experiment's search space.</summary>
    /// <value>Default <c>peft</c>.</value>
    public string SearchSpaceName { get; set; } = "peft";

    /// <summary>Decides which rows are set aside, the folds, and all that is random in the trials: the same in each, so that they differ by what is searched alone.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; set; } = 1;

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(TrainingSet is not null, nameof(TrainingSet), null, "data");
        Require(Folds is null or >= 2, nameof(Folds), Folds, "null or at least 2");
        Require(Folds is null || ValidationSet is null, nameof(ValidationSet), "set", $"null with {nameof(Folds)}");
        Require(Folds is not null || ValidationSet is not null || ValidationFraction is > 0 and < 1, nameof(ValidationFraction), ValidationFraction, "above 0 and below 1");
        Require(Trainer is not null, nameof(Trainer), null, nameof(TextClassificationOptions));
        Require(!string.IsNullOrWhiteSpace(SearchSpaceName), nameof(SearchSpaceName), SearchSpaceName is null ? null : $"'{SearchSpaceName}'", "a text");
        Trainer!.Validate();
        Require(Trainer.ValidationSet is null, $"{nameof(Trainer)}.{nameof(Trainer.ValidationSet)}", "set", $"null; give {nameof(PeftTrialOptions)}.{nameof(ValidationSet)}");
        Require(Trainer.Training.ValidationFraction == 0, $"{nameof(Trainer)}.{nameof(Trainer.Training)}.{nameof(TrainingOptions.ValidationFraction)}", Trainer.Training.ValidationFraction, $"0; give {nameof(PeftTrialOptions)}.{nameof(ValidationFraction)}");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(PeftTrialOptions), option, found, expected, option);
}
