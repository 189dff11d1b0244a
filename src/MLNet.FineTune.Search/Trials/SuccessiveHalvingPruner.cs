using MLNet.FineTune.Search;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Asynchronous successive halving, ASHA (Li et al. 2018, arXiv 1810.05934), for several objectives as MO-ASHA (Schmucker et al. 2021, arXiv 2106.12639).
/// Rungs are at <see cref="MinResource"/> · <see cref="ReductionFactor"/>^(<see cref="EarlyStoppingRate"/> + k) steps; a trial that
/// reaches one goes on if it is among the best 1/<see cref="ReductionFactor"/> of all that reached it so far, and nobody waits for others.
/// </summary>
/// <remarks>
/// <para>The paper pauses trials and promotes them later; here a trial that is not promoted at once ends, so that no paused
/// training has to be kept. Until <see cref="ReductionFactor"/> trials have reached a rung, the best one goes on.</para>
/// <para>A step is an epoch, a fold, or, where trials are first trained on <see cref="SearchOptions.DataShares"/>, a thousandth of the training rows.</para>
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

    /// <summary>The number of trials that run to their end in any case, those with the lowest numbers: among few, the best third is soon one that had luck.</summary>
    /// <value>Default 8, as many as the usual methods that a search over methods begins with; 0 or more.</value>
    [Range(0, 50, 8)]
    public int StartupTrials { get; init; } = 8;

    /// <summary>
    /// Whether trials are ranked by all objectives that are known on the way, as are trainable parameters from the beginning: by non-dominated
    /// sorting, and among equals so that they cover the front. Otherwise, or where none but the first is known, by the first alone, which leaves little of the cheap end of the front.
    /// </summary>
    /// <value>Default true.</value>
    [BooleanChoice(true)]
    public bool MultiObjective { get; init; } = true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives)
    {
        Validate();
        if (trial.Reports.Count == 0 || trial.Number < StartupTrials)
            return false;
        int step = trial.Reports[^1].Step, before = trial.Reports.Count > 1 ? trial.Reports[^2].Step : -1;
        SearchObjective[] others = MultiObjective ? [.. objectives.Skip(1).Where(objective => trial.ValueOf(objective, objectives) is not null)] : [];
        // A report may reach several rungs at once, and must do well in each.
        for (double rung = MinResource * Math.Pow(ReductionFactor, EarlyStoppingRate); rung <= step && !(rung >= MaxResource); rung *= ReductionFactor)
            if (rung > before && !IsPromoted(rung))
                return true;
        return false;

        bool IsPromoted(double rung)
        {
            double[] own = Costs(trial, rung)!;
            if (!double.IsFinite(own[0]))
                return false;
            double[][] reached = [own, .. trials.Where(other => other.Number != trial.Number).Select(other => Costs(other, rung)).OfType<double[]>()];
            int places = Math.Max(reached.Length / ReductionFactor, 1);
            // Equals share a place, so that the first of them does not shut the others out.
            return others.Length == 0 ? reached.Count(costs => costs[0] < own[0]) < places : EpsilonNet.Order(reached).Take(places).Contains(0);
        }

        // What a trial had when it reached a rung; null for one that did not, or of which not all is known.
        double[]? Costs(TrialRecord one, double rung)
        {
            int at = one.Reports.ToList().FindIndex(report => report.Step >= rung);
            if (at < 0)
                return null;
            double?[] rest = [.. others.Select(objective => one.ValueOf(objective, objectives) is { } value ? objective.Cost(value) : (double?)null)];
            return rest.Contains(null) ? null : [objectives[0].Cost(one.Reports[at].Value), .. rest.Select(cost => cost!.Value)];
        }
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
        if (StartupTrials < 0)
            throw new ArgumentException($"{nameof(StartupTrials)} is {StartupTrials}; expected 0 or more.");
        if (EarlyStoppingRate is < 0 or > 20)
            throw new ArgumentException($"{nameof(EarlyStoppingRate)} is {EarlyStoppingRate}; expected 0 to 20.");
    }
}
