using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>The columns a fitted text model reads and writes.</summary>
/// <param name="Sentence1">Text column; of questions where these are answered.</param>
/// <param name="Sentence2">Second text column of a pair, or null; of contexts where questions are answered.</param>
/// <param name="Score">Output: the probabilities of the classes, or the binary score, or the probability of an answer.</param>
/// <param name="PredictedLabel">Output: the label of the most probable class, or of all that are probable enough; or the answer.</param>
/// <param name="Probability">Output of a binary classifier only: the probability of true. Null for others.</param>
/// <param name="AnswerStart">Output where questions are answered: where the answer begins. Null for others.</param>
/// <param name="AnswerLength">Output where questions are answered: how many characters it has. Null for others.</param>
internal sealed record ScoringColumns(
    string Sentence1,
    string? Sentence2 = null,
    string Score = DefaultColumnNames.Score,
    string PredictedLabel = DefaultColumnNames.PredictedLabel,
    string? Probability = null,
    string? AnswerStart = null,
    string? AnswerLength = null)
{
    /// <summary>The same columns with a probability column, by ML.NET's default name where none is set.</summary>
    public ScoringColumns ForBinary() => Probability is null ? this with { Probability = DefaultColumnNames.Probability } : this;

    /// <summary>Checks the names alone, before there is any data.</summary>
    /// <exception cref="ArgumentException">A name is empty, or two outputs have the same name.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Sentence1, "sentence1ColumnName");
        if (Sentence2 is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(Sentence2, "sentence2ColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Score, "scoreColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedLabel, "predictedLabelColumnName");
        if (Probability is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(Probability, "probabilityColumnName");
        string[] named = [.. new[] { Score, PredictedLabel, Probability, AnswerStart, AnswerLength }.OfType<string>()];
        if (named.Distinct(StringComparer.Ordinal).Count() < named.Length)
            throw new ArgumentException($"The output columns must have different names; found score '{Score}', {(AnswerStart is null ? "predicted label" : "answer")} '{PredictedLabel}'{Also("probability", Probability)}{Also("answer start", AnswerStart)}{Also("answer length", AnswerLength)}.");

        static string Also(string role, string? name) => name is null ? "" : $", {role} '{name}'";
    }
}
