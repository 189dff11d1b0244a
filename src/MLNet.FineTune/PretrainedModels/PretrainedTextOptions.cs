using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>How a model that is fine-tuned already for texts, or for their words, is used.</summary>
/// <remarks>
/// Where numbers are predicted, <see cref="PredictedLabelColumnName"/> names a column that is not written. Where words are classified, <see cref="Sentence1ColumnName"/> names a vector of words, as <c>TokenizeIntoWords</c>
/// gives it, <see cref="Sentence2ColumnName"/> stays <see langword="null"/>, and texts of any length are read in windows.
/// </remarks>
public sealed class PretrainedTextOptions : PretrainedModelOptions
{
    /// <summary>The column of texts.</summary>
    /// <value>Default <c>Sentence1</c>.</value>
    public string Sentence1ColumnName { get; set; } = "Sentence1";

    /// <summary>The column of the second texts, for models of pairs.</summary>
    /// <value>Default <see langword="null"/>: single texts.</value>
    public string? Sentence2ColumnName { get; set; }

    /// <summary>The output column of the predicted label.</summary>
    /// <value>Default <c>PredictedLabel</c>.</value>
    public string PredictedLabelColumnName { get; set; } = DefaultColumnNames.PredictedLabel;

    /// <summary>What is kept of a text that is too long.</summary>
    /// <value>Default <see cref="Truncation.LongestFirst"/>.</value>
    public Truncation Truncation { get; set; } = Truncation.LongestFirst;

    /// <summary>A text has the labels whose probability is above this; for models of several labels a text only.</summary>
    /// <value>Default 0.5; above 0 and below 1.</value>
    public float Threshold { get; set; } = 0.5f;

    internal override ScoringColumns ScoringColumns => new(Sentence1ColumnName, Sentence2ColumnName, ScoreColumnName, PredictedLabelColumnName);

    internal override Truncation TextTruncation => Truncation;

    internal override void Validate(PretrainedTask task)
    {
        base.Validate(task);
        Require(Enum.IsDefined(Truncation), nameof(Truncation), Truncation, string.Join(", ", Enum.GetNames<Truncation>()));
        Require(Threshold is > 0 and < 1, nameof(Threshold), Threshold, "a number above 0 and below 1");
        Require(Sentence2ColumnName is null || task != PretrainedTask.Words, nameof(Sentence2ColumnName), Sentence2ColumnName, "null: words come in single texts");
    }
}
