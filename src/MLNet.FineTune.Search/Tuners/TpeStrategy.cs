namespace MLNet.FineTune.Search;

/// <summary>MOTPE (Ozaki et al. 2020): one density ratio a parameter, in the order of the space, so that those that others depend on come first.</summary>
internal sealed class TpeStrategy(TpeTuner options) : ITunerStrategy
{
    private readonly InitialDesign _design = new(options.InitialPoints, withDefault: false, quasiRandom: false);

    public double[]? Next(TunerHistory history)
    {
        if (_design.Next(history) is { } first)
            return first;
        Random random = history.Random();
        (Observation[] good, double[] weights, Observation[] others) = Split(history);
        if (good.Length == 0)
            return history.NewAtRandom(random);
        return history.FirstNew(() => Draw(history.Space, good, weights, others, random), random);
    }

    private double[] Draw(ParameterSpace space, Observation[] good, double[] weights, Observation[] others, Random random)
    {
        double[] units = space.DefaultUnits;
        for (int i = 0; i < units.Length; i++)
        {
            if (!space.IsActive(i, units))
                continue;
            int index = i;
            int[] withValue = [.. Enumerable.Range(0, good.Length).Where(k => space.IsActive(index, good[k].Units))];
            double[] rest = [.. others.Where(trial => space.IsActive(index, trial.Units)).Select(trial => trial.Units[index])];
            ParzenEstimator better = ParzenEstimator.Create(space.Dimensions[i], [.. withValue.Select(k => good[k].Units[index])], [.. withValue.Select(k => weights[k])]);
            ParzenEstimator worse = ParzenEstimator.Create(space.Dimensions[i], rest, [.. rest.Select(_ => 1.0)]);
            double best = double.NegativeInfinity;
            for (int candidate = 0; candidate < options.Candidates; candidate++)
            {
                double unit = better.Sample(random);
                double ratio = better.Density(unit) / worse.Density(unit);
                if (ratio > best)
                    (best, units[i]) = (ratio, unit);
            }
        }
        return units;
    }

    /// <summary>
    /// The good trials, by rank, of the last rank those that dominate most volume together, with their share of the volume as weights; and the others, failed,
    /// pruned and running ones among them, so that what is running is not proposed nearby.
    /// </summary>
    private (Observation[] Good, double[] Weights, Observation[] Others) Split(TunerHistory history)
    {
        Observation[] completed = [.. history.Completed];
        if (completed.Length == 0)
            return ([], [], []);
        double[][] points = [.. completed.Select(trial => trial.Objectives)];
        int wanted = Math.Max(1, (int)Math.Ceiling(options.GoodShare * completed.Length));
        double[] reference = [.. Enumerable.Range(0, points[0].Length).Select(k => points.Max(point => point[k]) is var worst ? worst + 0.1 * Math.Max(worst - points.Min(point => point[k]), 1e-12) : 0)];
        int[] ranks = NondominatedSorting.Ranks(points);
        var good = new List<int>();
        for (int rank = 0; good.Count < wanted; rank++)
        {
            int[] front = [.. Enumerable.Range(0, points.Length).Where(i => ranks[i] == rank)];
            int room = wanted - good.Count;
            good.AddRange(front.Length <= room ? front : Hypervolume.Subset([.. front.Select(i => points[i])], room, reference).Select(i => front[i]));
        }
        double[] contributions = [.. good.Select(i => Hypervolume.Improvement([.. good.Where(j => j != i).Select(j => points[j])], points[i], reference))];
        double highest = contributions.Max();
        double[] weights = [.. contributions.Select(contribution => highest > 0 ? Math.Max(contribution / highest, 1e-3) : 1)];
        Observation[] chosen = [.. good.Select(i => completed[i])];
        return (chosen, weights, [.. history.Trials.Except(chosen, ReferenceEqualityComparer.Instance).Cast<Observation>()]);
    }
}
