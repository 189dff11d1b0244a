namespace MLNet.FineTune;

/// <summary>
/// Intruder dimensions: directions among the strongest of a fine-tuned weight that resemble none of the pretrained weight's, a sign
/// that much is forgotten (Shuttleworth et al. 2024, "LoRA vs Full Fine-tuning: An Illusion of Equivalence", arXiv 2410.21228).
/// </summary>
/// <param name="Weights">The weights that were changed.</param>
/// <param name="Threshold">ε: a direction whose largest cosine with those of the pretrained weight is below is an intruder.</param>
public sealed record IntruderReport(IReadOnlyList<IntruderWeight> Weights, double Threshold)
{
    /// <summary>Intruders in all weights together.</summary>
    public int Count => Weights.Sum(weight => weight.Similarities.Count(cosine => cosine < Threshold));
}
