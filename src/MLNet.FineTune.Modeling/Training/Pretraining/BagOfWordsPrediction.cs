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

    /// <summary>Most texts of a batch whose tokens are predicted, spread evenly over it: with few layers the product with the vocabulary costs more than the encoder.</summary>
    /// <value>Default <see langword="null"/>: all of them; at least 1.</value>
    public int? MaxTexts { get; set; }

    internal void Validate()
    {
        PretrainingOptions.RequireWeight(nameof(BagOfWordsPrediction), Weight);
        PretrainingOptions.Require(MaxTexts is null or >= 1, nameof(BagOfWordsPrediction), nameof(MaxTexts), MaxTexts, "null or at least 1");
    }
}
