namespace MLNet.FineTune.Search;

/// <summary>NSGA-II over the trials told so far: each full generation of them is merged into the parents, whatever is still running.</summary>
internal sealed class NsgaStrategy(NsgaTuner options, GeneticOperators operators) : ITunerStrategy
{
    private readonly InitialDesign _design = new(options.PopulationSize, withDefault: false, quasiRandom: false);

    public double[]? Next(TunerHistory history)
    {
        if (_design.Next(history) is { } first)
            return first;
        Random random = history.Random();
        (Observation[] parents, int[] ranks, double[] distances) = Parents(history);
        if (parents.Length < 2)
            return history.NewAtRandom(random);
        return history.FirstNew(() => operators.Child(Winner().Units, Winner().Units, random), random);

        Observation Winner()
        {
            int a = random.Next(parents.Length), b = random.Next(parents.Length);
            return parents[ranks[a] != ranks[b] ? (ranks[a] < ranks[b] ? a : b) : distances[a] >= distances[b] ? a : b];
        }
    }

    /// <summary>The population that the generations told so far leave; a last one that is not full counts where there is no other.</summary>
    private (Observation[] Parents, int[] Ranks, double[] Distances) Parents(TunerHistory history)
    {
        Observation[] ended = [.. history.Trials.Where(trial => trial.State != TunerTrialState.Running)];
        Observation[] parents = [];
        foreach (Observation[] generation in ended.Chunk(options.PopulationSize))
            if (generation.Length == options.PopulationSize || parents.Length < 2)
            {
                Observation[] all = [.. parents, .. generation.Where(trial => trial.State == TunerTrialState.Completed)];
                parents = [.. NondominatedSorting.Best([.. all.Select(trial => trial.Objectives)], options.PopulationSize).Select(i => all[i])];
            }
        double[][] objectives = [.. parents.Select(trial => trial.Objectives)];
        int[] ranks = NondominatedSorting.Ranks(objectives);
        return (parents, ranks, CrowdingDistance.Of(objectives, ranks));
    }
}
