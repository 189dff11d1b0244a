namespace MLNet.FineTune;

/// <summary>
/// Prediction of a text's first token from its embedding. Sentences often say with their first word what kind they are of (what, how many, please, if), which an
/// embedding made of the mean of all words drowns among the others.
/// </summary>
public sealed class FirstWordPrediction
{
    /// <summary>The weight of this loss in the sum.</summary>
    /// <value>Default 0.2; above 0.</value>
    public double Weight { get; set; } = 0.2;

    /// <summary>Most texts of a batch whose first token is predicted, spread evenly over it.</summary>
    /// <value>Default <see langword="null"/>: all of them; at least 1.</value>
    public int? MaxTexts { get; set; }

    internal void Validate()
    {
        PretrainingOptions.RequireWeight(nameof(FirstWordPrediction), Weight);
        PretrainingOptions.Require(MaxTexts is null or >= 1, nameof(FirstWordPrediction), nameof(MaxTexts), MaxTexts, "null or at least 1");
    }
}
