using Microsoft.ML.Data;

namespace MLNet.FineTune.Trainers;

/// <summary>The columns a trainer of text classifiers reads.</summary>
/// <param name="Label">Label column.</param>
/// <param name="Sentence1">Text column.</param>
/// <param name="Sentence2">Second text column of a pair, or null.</param>
/// <param name="ExampleWeight">Column with a weight for each row, or null.</param>
internal sealed record TrainingColumns(
    string Label = DefaultColumnNames.Label,
    string Sentence1 = "Sentence1",
    string? Sentence2 = null,
    string? ExampleWeight = null)
{
    /// <summary>Checks the names alone, before there is any data.</summary>
    /// <exception cref="ArgumentException">A name is empty, or the label is also a text column.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Label, "labelColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Sentence1, "sentence1ColumnName");
        if (Sentence2 is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(Sentence2, "sentence2ColumnName");
        if (ExampleWeight is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(ExampleWeight, "exampleWeightColumnName");
        if (Label == Sentence1 || Label == Sentence2)
            throw new ArgumentException($"The column '{Label}' is named both as label and as text; they must be two columns.", "labelColumnName");
    }
}
