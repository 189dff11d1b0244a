namespace MLNet.FineTune.Prompting;

/// <summary>What a <see cref="PromptHead"/> reads and writes.</summary>
/// <param name="MaskId">The token at whose place the class is read.</param>
/// <param name="WordIds">The tokens that stand for each class.</param>
internal sealed record PromptLayout(int MaskId, int[][] WordIds);
