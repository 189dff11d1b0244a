using MathNet.Numerics.Statistics;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// The median stopping rule (Golovin et al. 2017, "Google Vizier: A Service for Black-Box Optimization"): a trial ends at a step where the best
/// of its values so far is worse than the median of the completed trials' mean values up to that step.
/// </summary>
public sealed class MedianPruner : IPruner
{
    /// <summary>The number of trials that must be completed first.</summary>
    /// <value>Default 5; at least 1.</value>
    [Range(1, 50, 5)]
    public int StartupTrials { get; init; } = 5;

    /// <summary>The steps before which no trial ends.</summary>
    /// <value>Default 0; 0 or more.</value>
    [Range(0, 100, 0)]
    public int WarmupSteps { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives)
    {
        Validate();
        if (trial.Reports.Count == 0 || trial.Reports[^1].Step < WarmupSteps)
            return false;
        if (double.IsNaN(trial.Reports[^1].Value))
            return true;
        int step = trial.Reports[^1].Step;
        double[] means = [.. trials.Where(other => other.State == TrialState.Completed).Select(other => Mean(other, step)).Where(double.IsFinite)];
        if (means.Length < StartupTrials)
            return false;
        IEnumerable<double> values = trial.Reports.Select(report => report.Value).Where(value => !double.IsNaN(value));
        double median = means.Median();
        return objectives[0].Direction == ObjectiveDirection.Minimize ? values.Min() > median : values.Max() < median;
    }

    /// <inheritdoc/>
    public void Validate()
    {
        if (StartupTrials < 1)
            throw new ArgumentException($"{nameof(StartupTrials)} is {StartupTrials}; expected at least 1.");
        if (WarmupSteps < 0)
            throw new ArgumentException($"{nameof(WarmupSteps)} is {WarmupSteps}; expected 0 or more.");
    }

    private static double Mean(TrialRecord trial, int step) =>
        trial.Reports.Where(report => report.Step <= step).Select(report => report.Value).DefaultIfEmpty(double.NaN).Average();
}
