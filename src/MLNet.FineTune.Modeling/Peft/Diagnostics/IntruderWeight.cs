namespace MLNet.FineTune;

/// <summary>The strongest directions of a fine-tuned weight.</summary>
/// <param name="Name">The weight.</param>
/// <param name="Similarities">For each of its strongest left singular vectors, by falling singular value, the largest absolute cosine with a left singular vector of the pretrained weight; 0 to 1.</param>
public sealed record IntruderWeight(string Name, IReadOnlyList<double> Similarities);
