using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>The plain mean of the weights after each of the last steps (SWA, Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization", arXiv 1803.05407).</summary>
/// <remarks>Until those steps come, weights are as they are. The paper keeps the learning rate up while it averages, as <see cref="LearningRateSchedule.Constant"/> does.</remarks>
public sealed record StochasticWeightAveraging : WeightAveraging
{
    /// <summary>The share of all steps, the last ones, whose weights are averaged; of <see cref="TrainingOptions.MaxDuration"/> where that is further.</summary>
    /// <value>Default 0.25; above 0, up to 1.</value>
    [Range(0.05, 1.0, 0.25)]
    public double Fraction { get; set; } = 0.25;

    internal override void Validate() => OptionRange.Require(Fraction is > 0 and <= 1, nameof(StochasticWeightAveraging), nameof(Fraction), Fraction, "above 0, up to 1");

    internal override AveragedWeights Begin(Func<bool> settled) => new RunningWeights(Includes, count => 1.0 / (count + 1), settled);

    private bool Includes(TrainingState state)
    {
        double done = (double)state.Step / state.TotalSteps;
        if (state.Options.MaxDuration is { } limit)
            done = Math.Max(done, state.Elapsed / limit);
        // The last step always counts.
        return done > 1 - Fraction || done >= 1;
    }
}
