namespace MLNet.FineTune.Models;

/// <summary>Tokenised texts with their classes, or with a number each.</summary>
/// <param name="Batches">The texts.</param>
/// <param name="Labels">Class of each row, from zero; its rarest one where it can have several, and zero where it has none.</param>
/// <param name="Weights">Weight of each row; null when all weigh the same.</param>
/// <param name="LabelSets">All classes of each row where it can have several or none; null where each has one.</param>
/// <param name="Targets">The number to predict for each row; null where classes are predicted.</param>
internal sealed record EncodedTexts(TextBatches Batches, int[] Labels, float[]? Weights = null, int[][]? LabelSets = null, float[]? Targets = null)
{
    public int Count => Labels.Length;

    public EncodedTexts Rows(int[] rows) =>
        new(Batches.Rows(rows), [.. rows.Select(row => Labels[row])], Weights is null ? null : [.. rows.Select(row => Weights[row])], LabelSets is null ? null : [.. rows.Select(row => LabelSets[row])], Targets is null ? null : [.. rows.Select(row => Targets[row])]);
}
