namespace MLNet.FineTune;

/// <summary>What self-training did in a round: what was pseudo-labelled and kept, and how good the model is.</summary>
/// <remarks>A round ends when its training does; a method that renews its labels while it trains reports each time that it does.</remarks>
/// <param name="Round">Rounds done, or begun where <paramref name="Collapsed"/>, from 1.</param>
/// <param name="Texts">How many texts were predicted.</param>
/// <param name="Kept">How many of them were kept to learn from.</param>
/// <param name="KeptPerClass">The same by predicted class, in the order of the key values.</param>
/// <param name="PseudoLabelAccuracy">The share of the kept texts predicted correctly, among those whose true label is known; <see langword="null"/> where none is.</param>
/// <param name="ValidationMetric">The validation metric of the model; <see langword="null"/> without validation rows.</param>
/// <param name="Collapsed">Whether the kept labels had collapsed, so that they were not learnt from and training ended with the last model whose labels were good.</param>
/// <param name="Drift">
/// How far the shares of the classes among the kept labels have moved since the round before, in the first round from the labels that were given: half the sum of the differences, from 0, the
/// same shares, to 1, other classes. Labels that drift round after round tell of a collapse before it comes.
/// </param>
public sealed record SelfTrainingProgress(
    int Round, int Texts, int Kept, IReadOnlyList<int> KeptPerClass, double? PseudoLabelAccuracy, double? ValidationMetric, bool Collapsed, double Drift);
