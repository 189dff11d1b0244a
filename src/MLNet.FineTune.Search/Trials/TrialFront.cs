namespace MLNet.FineTune.Search;

/// <summary>The best of completed trials.</summary>
internal static class TrialFront
{
    private static readonly EqualityComparer<double[]> SameCosts = EqualityComparer<double[]>.Create((a, b) => a.AsSpan().SequenceEqual(b), costs => costs.Aggregate(0, HashCode.Combine));

    /// <summary>The numbers of the trials within all limits that no other one dominates: is as good as in all objectives and better in one. Of trials that are equal in all there is the earliest.</summary>
    public static IReadOnlySet<int> Numbers(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives)
    {
        TrialRecord[] completed = [.. trials.Where(trial => IsTaken(trial, objectives)).OrderBy(trial => trial.Number)];
        double[][] costs = [.. completed.Select(trial => Costs(trial, objectives))];
        return Dominance.Front(costs).DistinctBy(index => costs[index], SameCosts).Select(index => completed[index].Number).ToHashSet();
    }

    /// <summary>These trials, the best by the first objective first.</summary>
    public static IReadOnlyList<TrialRecord> Of(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives)
    {
        IReadOnlySet<int> numbers = Numbers(trials, objectives);
        return [.. trials.Where(trial => numbers.Contains(trial.Number)).OrderBy(trial => objectives[0].Cost(trial.Values[0])).ThenBy(trial => trial.Number)];
    }

    /// <summary>Whether a trial is completed, and within all limits.</summary>
    public static bool IsTaken(TrialRecord trial, IReadOnlyList<SearchObjective> objectives) =>
        trial.State == TrialState.Completed && objectives.Zip(trial.Values).All(pair => pair.First.Allows(pair.Second));

    /// <summary>The completed trial within all limits with the best value of the first objective, the earliest of equals; null for none.</summary>
    public static TrialRecord? Best(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives) =>
        trials.Where(trial => IsTaken(trial, objectives)).MinBy(trial => objectives[0].Cost(trial.Values[0]));

    private static double[] Costs(TrialRecord trial, IReadOnlyList<SearchObjective> objectives) =>
        [.. objectives.Zip(trial.Values, (objective, value) => objective.Cost(value))];
}
