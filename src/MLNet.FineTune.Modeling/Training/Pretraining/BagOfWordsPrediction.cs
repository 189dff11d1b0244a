namespace MLNet.FineTune;

/// <summary>
/// Prediction of the set of a text's tokens from its embedding (Ma et al. 2024, "Drop your Decoder: Pre-training with
/// Bag-of-Word Prediction for Dense Passage Retrieval", arXiv 2401.11248): it keeps in the embedding which words a text
/// has, that contrastive training alone lets go of.
/// </summary>
public sealed class BagOfWordsPrediction
{
    /// <summary>The weight of this loss in the sum.</summary>
    /// <value>Default 0.2; above 0.</value>
    public double Weight { get; set; } = 0.2;

    internal void Validate() => PretrainingOptions.RequireWeight(nameof(BagOfWordsPrediction), Weight);
}
