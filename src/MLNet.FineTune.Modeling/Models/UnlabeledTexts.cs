namespace MLNet.FineTune.Models;

/// <summary>Texts that are learnt from without labels.</summary>
/// <param name="Inputs">Texts or pairs.</param>
/// <param name="Labels">True class of each, −1 where it is not known; only to report how good pseudo-labels are. Null where none is known.</param>
internal sealed record UnlabeledTexts(IReadOnlyList<TextInput> Inputs, int[]? Labels = null);
