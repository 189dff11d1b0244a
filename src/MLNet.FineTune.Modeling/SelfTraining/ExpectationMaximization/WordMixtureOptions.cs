namespace MLNet.FineTune.SelfTraining;

/// <summary>How a <see cref="WordMixture"/> is fitted.</summary>
/// <param name="Iterations">How often classes and word distributions are fitted to each other.</param>
/// <param name="UnlabeledWeight">What a text without label counts, one with a label counting one.</param>
/// <param name="WordWeight">Multiplies the logarithm of the words' likelihood: words are not independent, and count less than if they were.</param>
/// <param name="Smoothing">Added to the count of each word in each class.</param>
internal sealed record WordMixtureOptions(int Iterations, double UnlabeledWeight, double WordWeight, double Smoothing);
