namespace MLNet.FineTune;

/// <summary>
/// Contrastive training of text embeddings: passages that belong together come closer than those that share a batch by
/// chance (InfoNCE; van den Oord, Li, Vinyals 2018, arXiv 1807.03748, with all other texts of the batch as negatives).
/// </summary>
public sealed class ContrastiveLearning
{
    /// <summary>Which passages belong together.</summary>
    /// <value>Default <see cref="PassagePairs.Heading"/> and <see cref="PassagePairs.Neighbor"/>.</value>
    public PassagePairs Pairs { get; set; } = PassagePairs.Heading | PassagePairs.Neighbor;

    /// <summary>The temperature by which cosine similarities are divided.</summary>
    /// <value>Default 0.05, as SimCSE; above 0.</value>
    public double Temperature { get; set; } = 0.05;

    /// <summary>Whether the texts of a batch come from one source or few, which makes the negatives harder.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool GroupBySource { get; set; } = true;

    /// <summary>The weight of this loss in the sum.</summary>
    /// <value>Default 1; above 0.</value>
    public double Weight { get; set; } = 1;

    internal void Validate()
    {
        PretrainingOptions.Require(Pairs != PassagePairs.None && (Pairs & ~(PassagePairs.Dropout | PassagePairs.Heading | PassagePairs.Neighbor)) == 0, nameof(ContrastiveLearning), nameof(Pairs), Pairs, "one or more kinds of pairs");
        PretrainingOptions.Require(Temperature > 0 && double.IsFinite(Temperature), nameof(ContrastiveLearning), nameof(Temperature), Temperature, "a finite number above 0");
        PretrainingOptions.RequireWeight(nameof(ContrastiveLearning), Weight);
    }
}
