namespace MLNet.FineTune.Peft;

/// <summary>Grows a set by the member that raises a measure most, while it rises enough (the greedy selection of Kaplun et al. 2023, arXiv 2302.06354).</summary>
internal static class GreedySelection
{
    /// <param name="count">Members are 0 to <paramref name="count"/> − 1.</param>
    /// <param name="most">The most members to choose.</param>
    /// <param name="gain">The relative gain that a further member must bring; the first member brings what it may.</param>
    /// <param name="measure">Measures a set in ascending order; larger is better.</param>
    /// <param name="chosen">Sees each set that is taken.</param>
    /// <returns>The members, ascending; one at least.</returns>
    public static int[] Choose(int count, int most, double gain, Func<int[], double> measure, Action<int[], double>? chosen = null)
    {
        int[] best = [];
        double reached = double.NegativeInfinity;
        while (best.Length < Math.Min(count, most))
        {
            (int[] set, double value) = Enumerable.Range(0, count).Except(best)
                .Select(member => (int[])[.. best.Append(member).Order()])
                .Select(set => (Set: set, Value: measure(set)))
                .Aggregate((first, second) => second.Value > first.Value ? second : first);
            // A metric that is a negated loss is below zero: the gain counts in its size. One that is no number is no gain.
            if (best.Length > 0 && !(value > reached + gain * Math.Abs(reached)))
                break;
            (best, reached) = (set, value);
            chosen?.Invoke(best, reached);
        }
        return best;
    }
}
