namespace MLNet.FineTune;

/// <summary>How unsure a model is of a text; each number is 0 for certainty and grows with doubt.</summary>
/// <param name="Predicted">The most probable class, from zero.</param>
/// <param name="Entropy">−Σ p ln p as a share of its maximum ln C, 0 to 1.</param>
/// <param name="Margin">One less the difference of the two largest probabilities, 0 to 1.</param>
/// <param name="LeastConfidence">One less the largest probability, 0 to 1 − 1/C.</param>
public readonly record struct RowUncertainty(int Predicted, double Entropy, double Margin, double LeastConfidence);
