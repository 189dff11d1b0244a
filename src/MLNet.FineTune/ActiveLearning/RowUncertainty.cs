namespace MLNet.FineTune;

/// <summary>How unsure a model is of a text; each number is 0 for certainty and grows with doubt.</summary>
/// <param name="Predicted">The most probable class, from zero.</param>
/// <param name="Entropy">−Σ p ln p as a share of its maximum ln C, 0 to 1.</param>
/// <param name="Margin">One less the difference of the two largest probabilities, 0 to 1.</param>
/// <param name="LeastConfidence">One less the largest probability, 0 to 1 − 1/C.</param>
/// <param name="Disagreement">The share of predictions under dropout that are not of the class that most of them are of, 0 to 1 − 1/C (the variation ratio, Gal et al. 2017, arXiv 1703.02910); <see langword="null"/> where none were asked for.</param>
public readonly record struct RowUncertainty(int Predicted, double Entropy, double Margin, double LeastConfidence, double? Disagreement = null);
