using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>Options of the trainer that fine-tunes a pretrained encoder to classify each word of a text, such as for named entity recognition.</summary>
/// <remarks>
/// <see cref="TextTrainerOptions.Sentence1ColumnName"/> names a vector of words, as <c>TokenizeIntoWords</c> gives it, and <see cref="TextTrainerOptions.LabelColumnName"/> a vector of keys, one a word.
/// <see cref="TextTrainerOptions.Sentence2ColumnName"/>, <see cref="TextTrainerOptions.Pooling"/> and <see cref="TextTrainerOptions.Truncation"/> stay at their defaults, and
/// <see cref="TextTrainerOptions.ProbabilityColumnName"/> names a column that is not written. The validation metric is one of <see cref="ValidationMetric.Accuracy"/>, <see cref="ValidationMetric.MacroF1"/> and
/// <see cref="ValidationMetric.LogLoss"/>, over words, and <see cref="ValidationMetric.EntityF1"/>.
/// </remarks>
public sealed class TokenClassificationOptions : TextTrainerOptions
{
    /// <summary>Teaches the model to predict the same of each word of a text that goes through it several times: with other dropout (<see cref="RDrop"/>), or with word embeddings changed for the worst (<see cref="Smart"/>).</summary>
    /// <value>Default <see langword="null"/>: each text goes through once a step.</value>
    public ConsistencyRegularization? Consistency { get; set; }

    internal override ConsistencyRegularization? Regularization => Consistency;

    internal override void Validate()
    {
        base.Validate();
        Consistency?.Validate();
        Require(Sentence2ColumnName is null, nameof(Sentence2ColumnName), Sentence2ColumnName, "null: words come in single texts");
        Require(Pooling is null, nameof(Pooling), Pooling, "null: each word has a vector of its own");
        Require(Truncation is Truncation.LongestFirst or Truncation.Head, nameof(Truncation), Truncation, $"{Truncation.LongestFirst} or {Truncation.Head}, which keep the beginning of a text");
        RequireMetric(WordMetrics.Defined);
    }
}
