using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Asynchronous successive halving, ASHA (Li et al. 2018, arXiv 1810.05934). Rungs are at
/// <see cref="MinResource"/> · <see cref="ReductionFactor"/>^(<see cref="EarlyStoppingRate"/> + k) steps; a trial that
/// reaches one goes on if its value is among the best 1/<see cref="ReductionFactor"/> of all that reached it so far,
/// and nobody waits for others.
/// </summary>
/// <remarks>
/// The paper pauses trials and promotes them later; here a trial that is not promoted at once ends, so that no paused
/// training has to be kept. Until <see cref="ReductionFactor"/> trials have reached a rung, the best one goes on.
/// </remarks>
public sealed class SuccessiveHalvingPruner : IPruner
{
    /// <summary>The share of trials that goes on from a rung is one in this many.</summary>
    /// <value>Default 3; at least 2.</value>
    [Range(2, 8, 3)]
    public int ReductionFactor { get; init; } = 3;

    /// <summary>The steps that every trial gets, where <see cref="EarlyStoppingRate"/> is 0.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 100, 1)]
    public int MinResource { get; init; } = 1;

    /// <summary>The steps of a trial that runs to its end, where nothing is left to save: only rungs below it decide.</summary>
    /// <value>Default <see langword="null"/>: not known; more than <see cref="MinResource"/>.</value>
    public int? MaxResource { get; init; }

    /// <summary>The number of lowest rungs that are left out.</summary>
    /// <value>Default 0; 0 to 20.</value>
    [Range(0, 4, 0)]
    public int EarlyStoppingRate { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, ObjectiveDirection direction)
    {
        Validate();
        if (trial.Reports.Count == 0)
            return false;
        int step = trial.Reports[^1].Step, before = trial.Reports.Count > 1 ? trial.Reports[^2].Step : -1;
        double sign = direction == ObjectiveDirection.Minimize ? 1 : -1;
        // A report may reach several rungs at once, and must do well in each.
        for (double rung = MinResource * Math.Pow(ReductionFactor, EarlyStoppingRate); rung <= step && !(rung >= MaxResource); rung *= ReductionFactor)
            if (rung > before && !IsPromoted(trial, trials, rung, sign))
                return true;
        return false;
    }

    /// <inheritdoc/>
    public void Validate()
    {
        if (ReductionFactor < 2)
            throw new ArgumentException($"{nameof(ReductionFactor)} is {ReductionFactor}; expected at least 2.");
        if (MinResource < 1)
            throw new ArgumentException($"{nameof(MinResource)} is {MinResource}; expected at least 1.");
        if (MaxResource <= MinResource)
            throw new ArgumentException($"{nameof(MaxResource)} is {MaxResource}; expected more than {nameof(MinResource)}, {MinResource}, or null.");
        if (EarlyStoppingRate is < 0 or > 20)
            throw new ArgumentException($"{nameof(EarlyStoppingRate)} is {EarlyStoppingRate}; expected 0 to 20.");
    }

    private bool IsPromoted(TrialRecord trial, IReadOnlyList<TrialRecord> trials, double rung, double sign)
    {
        double cost = CostAt(trial, rung, sign)!.Value;
        int better = 0, reached = 0;
        foreach (TrialRecord other in trials)
            if (CostAt(other, rung, sign) is { } theirs)
            {
                reached++;
                better += theirs < cost ? 1 : 0;
            }
        return double.IsFinite(cost) && better < Math.Max(reached / ReductionFactor, 1);
    }

    /// <summary>The value with which a trial reached a rung, smaller is better; null for one that did not.</summary>
    private static double? CostAt(TrialRecord trial, double rung, double sign)
    {
        foreach (TrialReport report in trial.Reports)
            if (report.Step >= rung)
                return double.IsNaN(report.Value) ? double.PositiveInfinity : sign * report.Value;
        return null;
    }
}
