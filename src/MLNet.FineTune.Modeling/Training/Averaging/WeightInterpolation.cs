using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Weights between those before training and those after it (WiSE-FT, Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv 2109.01903): they keep more of what the encoder
/// knew. It serves where training begins with a model that predicts already, such as one whose head was fitted first (<c>HeadInitialization</c>).
/// </summary>
/// <remarks>A method that changes itself on the way, such as <see cref="AdaLora"/> or <see cref="ChainOfLora"/>, has nothing between before and after: it goes all the way.</remarks>
public sealed record WeightInterpolation : WeightAveraging
{
    /// <summary>How far the weights go from those before towards those after; 1 for all of it.</summary>
    /// <value>Default 0.5; above 0, up to 1.</value>
    [Range(0.1, 1.0, 0.5)]
    public double Share { get; set; } = 0.5;

    internal override void Validate() => OptionRange.Require(Share is > 0 and <= 1, nameof(WeightInterpolation), nameof(Share), Share, "above 0, up to 1");

    internal override AveragedWeights Begin(Func<bool> settled) => new InterpolatedWeights(Share, settled);
}
