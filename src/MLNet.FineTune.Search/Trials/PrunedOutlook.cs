namespace MLNet.FineTune.Search;

/// <summary>
/// What pruned trials would have come to: their last value on the way, and what completed trials gained on average from that step to their end. Without it a trial
/// that was stopped on few rows or epochs looks worse to a tuner than it is, beside those that were not.
/// </summary>
/// <param name="trials">All trials.</param>
/// <param name="objectives">What they measure.</param>
internal sealed class PrunedOutlook(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives)
{
    private readonly Dictionary<int, double> _gains = [];

    /// <summary>The costs of a pruned trial, not numbers where they are not known; null where it reported nothing.</summary>
    public double[]? Costs(TrialRecord trial)
    {
        if (trial.Reports is not [.., var last] || !double.IsFinite(last.Value))
            return null;
        return [objectives[0].Cost(last.Value) - GainFrom(last.Step), .. objectives.Skip(1).Select(objective => trial.ValueOf(objective, objectives) is { } value ? objective.Cost(value) : double.NaN)];
    }

    private double GainFrom(int step)
    {
        if (_gains.TryGetValue(step, out double known))
            return known;
        double[] gains = [.. trials.Where(trial => trial.State == TrialState.Completed)
            .SelectMany(trial => trial.Reports.Where(report => report.Step >= step && double.IsFinite(report.Value)).Take(1)
                .Select(report => objectives[0].Cost(report.Value) - objectives[0].Cost(trial.Values[0])))];
        return _gains[step] = gains.Length == 0 ? 0 : gains.Average();
    }
}
