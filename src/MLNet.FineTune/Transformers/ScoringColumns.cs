using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>The columns a fitted text classifier reads and writes.</summary>
/// <param name="Sentence1">Text column.</param>
/// <param name="Sentence2">Second text column of a pair, or null.</param>
/// <param name="Score">Output: the probabilities of the classes, or the binary score.</param>
/// <param name="PredictedLabel">Output: the label of the most probable class.</param>
/// <param name="Probability">Output of a binary classifier only: the probability of true.</param>
internal sealed record ScoringColumns(
    string Sentence1,
    string? Sentence2 = null,
    string Score = DefaultColumnNames.Score,
    string PredictedLabel = DefaultColumnNames.PredictedLabel,
    string Probability = DefaultColumnNames.Probability)
{
    /// <summary>Checks the names alone, before there is any data.</summary>
    /// <exception cref="ArgumentException">A name is empty, or two outputs have the same name.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Sentence1, "sentence1ColumnName");
        if (Sentence2 is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(Sentence2, "sentence2ColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Score, "scoreColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedLabel, "predictedLabelColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Probability, "probabilityColumnName");
        if (new HashSet<string>([Score, PredictedLabel, Probability], StringComparer.Ordinal).Count != 3)
            throw new ArgumentException($"The output columns must have different names; found score '{Score}', predicted label '{PredictedLabel}' and probability '{Probability}'.");
    }
}
