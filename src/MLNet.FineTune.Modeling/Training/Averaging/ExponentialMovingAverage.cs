using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>A mean of the weights after all steps, in which each counts less the longer ago it was (Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv 1703.01780).</summary>
/// <remarks>It begins with the weights after the first step. After n more, the mean keeps min(<see cref="Decay"/>, (1 + n) / (10 + n)) of itself: while there are few weights, the first of them count for little.</remarks>
public sealed record ExponentialMovingAverage : WeightAveraging
{
    /// <summary>The share of the mean that stays at a step: about 1 / (1 − decay) steps are averaged.</summary>
    /// <value>Default 0.999; from 0 to below 1.</value>
    [Range(0.9, 0.9999, 0.999)]
    public double Decay { get; set; } = 0.999;

    internal override void Validate() => OptionRange.Share(nameof(ExponentialMovingAverage), Decay);

    internal override AveragedWeights Begin(Func<bool> settled) => new RunningWeights(_ => true, count => 1 - Math.Min(Decay, (1.0 + count) / (10.0 + count)), settled);
}
