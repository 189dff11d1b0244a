using MathNet.Numerics.Statistics;

namespace MLNet.FineTune.Search;

/// <summary>A trial that is measured once, or on several folds one after the other.</summary>
internal static class FoldedTrial
{
    /// <summary>The attribute with the standard error of an objective's mean over folds.</summary>
    public static string StandardErrorOf(SearchObjective objective) => $"standard error of {objective.Name}";

    /// <summary>Measures all folds. With several the mean of the first objective so far is reported after each, by which a pruner may end the trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="objectives">What is measured.</param>
    /// <param name="folds">How many folds.</param>
    /// <param name="measure">The value of each objective on one of them.</param>
    /// <returns>The means, one for each objective.</returns>
    /// <exception cref="TrialPrunedException">The trial is not worth its end.</exception>
    public static TrialOutcome Run(TrialContext trial, IReadOnlyList<SearchObjective> objectives, int folds, Func<int, double[]> measure)
    {
        var measured = new List<double[]>();
        for (int fold = 0; fold < folds; fold++)
        {
            measured.Add(measure(fold));
            if (folds == 1)
                break;
            trial.Report(fold + 1, Values(0).Mean());
            if (fold + 1 < folds)
                trial.ThrowIfPruned();
        }
        for (int i = 0; folds > 1 && i < objectives.Count; i++)
            if (Values(i).StandardDeviation() / Math.Sqrt(folds) is var error && double.IsFinite(error))
                trial.SetAttribute(StandardErrorOf(objectives[i]), error);
        return TrialOutcome.Completed([.. Enumerable.Range(0, objectives.Count).Select(i => Values(i).Mean())]);

        IEnumerable<double> Values(int objective) => measured.Select(values => values[objective]);
    }
}
