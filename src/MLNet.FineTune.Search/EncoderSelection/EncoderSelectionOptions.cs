using Microsoft.ML;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>Options of the choice of an encoder, <c>mlContext.FineTuning().SelectEncoder</c>.</summary>
public sealed class EncoderSelectionOptions
{
    /// <summary>Labelled texts, of which subsets are learnt from. A label that is a key makes the task a multiclass one; a Boolean, or numbers above 0 or not, a binary one.</summary>
    public required IDataView TrainingSet { get; set; }

    /// <summary>Labelled texts to measure on; the label must have the key values of the training set's.</summary>
    /// <value>Default <see langword="null"/>: <see cref="ValidationFraction"/> of the training set.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>The share of the training set, drawn from each class by the seed, that is measured on. Has no effect when a validation set is given.</summary>
    /// <value>Default 0.2; above 0 and below 1.</value>
    public double ValidationFraction { get; set; } = 0.2;

    /// <summary>The encoders to choose from; two or more.</summary>
    public required IReadOnlyList<EncoderSource> Encoders { get; set; }

    /// <summary>Columns, method and training of each run; the encoder and the validation are the selection's. Of each run the best loss on the way counts, so that more epochs than a large set needs do no harm.</summary>
    /// <value>The defaults of <see cref="TextClassificationOptions"/> with 10 epochs.</value>
    public TextClassificationOptions Trainer { get; set; } = new() { Training = { Epochs = 10 } };

    /// <summary>How the loss for all rows is predicted.</summary>
    /// <value>Default <see cref="EncoderSelectionMethod.AcceptThenStop"/>.</value>
    public EncoderSelectionMethod Method { get; set; } = EncoderSelectionMethod.AcceptThenStop;

    /// <summary>γ: the share of the training rows in the largest subset; each further one is half of the one before, and part of it.</summary>
    /// <value>Default 0.5; above 0, up to 1.</value>
    public double MaxShare { get; set; } = 0.5;

    /// <summary>The number of subsets at most.</summary>
    /// <value>Default 6; at least 3, and 5 with <see cref="EncoderSelectionMethod.RectifiedScalingLaw"/>.</value>
    public int MaxSubsets { get; set; } = 6;

    /// <summary>The rows of the smallest subset at least; it has one of each class in any case.</summary>
    /// <value>Default 16; at least 2.</value>
    public int MinRows { get; set; } = 16;

    /// <summary>δ of AtS: a point is none of the power phase if it is more than so many standard deviations of the residuals away from the line through those before it. No deviation below 0.01 is believed.</summary>
    /// <value>Default 5; above 0.</value>
    public double StopThreshold { get; set; } = 5;

    /// <summary>Decides which rows are set aside, which are in each subset, and all that is random in the runs.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>Is told after each run.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public IProgress<EncoderSelectionProgress>? Progress { get; set; }

    /// <summary>Ends the selection.</summary>
    /// <value>Default <see cref="CancellationToken.None"/>.</value>
    public CancellationToken CancellationToken { get; set; }

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(TrainingSet is not null, nameof(TrainingSet), null, "data");
        Require(ValidationSet is not null || ValidationFraction is > 0 and < 1, nameof(ValidationFraction), ValidationFraction, "above 0 and below 1");
        Require(Encoders is { Count: >= 2 } && Encoders.All(encoder => encoder is not null), nameof(Encoders), Encoders is null ? null : $"{Encoders.Count(encoder => encoder is not null)} sources", "two or more");
        Require(Trainer is not null, nameof(Trainer), null, nameof(TextClassificationOptions));
        Require(Enum.IsDefined(Method), nameof(Method), Method, string.Join(", ", Enum.GetNames<EncoderSelectionMethod>()));
        Require(MaxShare is > 0 and <= 1, nameof(MaxShare), MaxShare, "above 0 and up to 1");
        Require(MaxSubsets >= MinimumSubsets, nameof(MaxSubsets), MaxSubsets, $"at least {MinimumSubsets} with {Method}");
        Require(MinRows >= 2, nameof(MinRows), MinRows, "at least 2");
        Require(StopThreshold > 0, nameof(StopThreshold), StopThreshold, "above 0");
        Trainer!.Validate();
        Require(Trainer.ValidationSet is null, $"{nameof(Trainer)}.{nameof(Trainer.ValidationSet)}", "set", $"null; give {nameof(EncoderSelectionOptions)}.{nameof(ValidationSet)}");
    }

    /// <summary>The number of subsets that the method needs.</summary>
    internal int MinimumSubsets => Method == EncoderSelectionMethod.AcceptThenStop ? Search.AcceptThenStop.FirstPoints : RectifiedScalingLaw.MinimumPoints;

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(EncoderSelectionOptions), option, found, expected, option);
}
