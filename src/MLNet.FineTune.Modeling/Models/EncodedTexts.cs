using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Models;

/// <summary>Tokenised texts with their classes, or with a number each, or a class for each word; or windows of contexts with the answers to be found there.</summary>
/// <param name="Batches">The texts.</param>
/// <param name="Labels">Class of each row, from zero; its rarest one where it can have several, and zero where it has none.</param>
/// <param name="Weights">Weight of each row; null when all weigh the same.</param>
/// <param name="LabelSets">All classes of each row where it can have several or none; null where each has one.</param>
/// <param name="Targets">The number to predict for each row; null where classes are predicted.</param>
/// <param name="Tags">The class of each word of each row, from zero, −1 where it is not known; null where texts have classes.</param>
/// <param name="Answers">The answer in each row, which is a window of a question's context; null where texts have classes.</param>
internal sealed record EncodedTexts(TextBatches Batches, int[] Labels, float[]? Weights = null, int[][]? LabelSets = null, float[]? Targets = null, int[][]? Tags = null, AnswerWindow[]? Answers = null)
{
    public int Count => Labels.Length;

    /// <summary>The class of each row, or of every word that has one and a token.</summary>
    public IEnumerable<int> AllLabels => Tags is null ? Labels : Enumerable.Range(0, Count).SelectMany(row => LabelledWords(row).Select(word => Tags[row][word]));

    /// <summary>The words of a row that are learnt from and measured on: those that have a class, and a token to be classified by.</summary>
    public IEnumerable<int> LabelledWords(int row) => Enumerable.Range(0, Tags![row].Length).Where(word => Tags[row][word] >= 0 && Batches[row].WordTokens![word] >= 0);

    public EncodedTexts Rows(int[] rows) =>
        new(Batches.Rows(rows), [.. rows.Select(row => Labels[row])], Weights is null ? null : [.. rows.Select(row => Weights[row])], LabelSets is null ? null : [.. rows.Select(row => LabelSets[row])], Targets is null ? null : [.. rows.Select(row => Targets[row])], Tags is null ? null : [.. rows.Select(row => Tags[row])], Answers is null ? null : [.. rows.Select(row => Answers[row])]);
}
