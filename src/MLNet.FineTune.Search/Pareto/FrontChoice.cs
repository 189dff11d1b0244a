namespace MLNet.FineTune.Search;

/// <summary>Ways of choosing one point of many, all objectives minimised.</summary>
internal static class FrontChoice
{
    /// <summary>
    /// The knee: the point of the front farthest below the plane through the ends of the front, every objective on the scale of the front, where
    /// a gain in one objective begins to cost more in others (Das 1999, "On characterizing the 'knee' of the Pareto curve", Structural Optimization 18).
    /// </summary>
    /// <exception cref="ArgumentException">There are no points.</exception>
    public static int Knee(IReadOnlyList<double[]> points)
    {
        int[] front = Dominance.Front(Some(points));
        int objectives = points[0].Length;
        double[] ideal = [.. Enumerable.Range(0, objectives).Select(k => front.Min(i => points[i][k]))];
        double[] nadir = [.. Enumerable.Range(0, objectives).Select(k => front.Max(i => points[i][k]))];
        return front.MinBy(i => Enumerable.Range(0, objectives).Sum(k => nadir[k] > ideal[k] ? (points[i][k] - ideal[k]) / (nadir[k] - ideal[k]) : 0));
    }

    /// <summary>The best point in one objective of those that another allows; null where it allows none. Ties go to the cheaper.</summary>
    /// <param name="points">The points.</param>
    /// <param name="objective">What shall be lowest.</param>
    /// <param name="cost">The objective that is limited.</param>
    /// <param name="budget">The most that it may be.</param>
    public static int? WithinBudget(IReadOnlyList<double[]> points, int objective, int cost, double budget)
    {
        int[] allowed = [.. Enumerable.Range(0, points.Count).Where(i => points[i][cost] <= budget)];
        return allowed.Length == 0 ? null : allowed.MinBy(i => (points[i][objective], points[i][cost]));
    }

    /// <summary>
    /// The best by one objective after the other: of the points whose first objective is within its tolerance of the best, those whose second
    /// is within its tolerance of the best of them, and so on; of what remains, the lexicographically lowest.
    /// </summary>
    /// <param name="points">The points.</param>
    /// <param name="order">The objectives, the most important first.</param>
    /// <param name="tolerances">How much worse than the best counts as equal, one for each of <paramref name="order"/>; 0 or more, in units of the objective.</param>
    /// <exception cref="ArgumentException">There are no points, or not one tolerance for each objective.</exception>
    public static int Lexicographic(IReadOnlyList<double[]> points, IReadOnlyList<int> order, IReadOnlyList<double> tolerances)
    {
        Some(points);
        if (order.Count != tolerances.Count || tolerances.Any(tolerance => !(tolerance >= 0)))
            throw new ArgumentException($"Tolerances are [{string.Join(", ", tolerances)}]; expected {order.Count}, one for each objective, of 0 or more.", nameof(tolerances));
        int[] remaining = [.. Enumerable.Range(0, points.Count)];
        for (int k = 0; k < order.Count; k++)
        {
            double limit = remaining.Min(i => points[i][order[k]]) + tolerances[k];
            remaining = [.. remaining.Where(i => points[i][order[k]] <= limit)];
        }
        return remaining.MinBy(i => order.Select(k => points[i][k]).ToArray(), Comparer<double[]>.Create(Dominance.Compare));
    }

    private static IReadOnlyList<double[]> Some(IReadOnlyList<double[]> points) =>
        points.Count > 0 ? points : throw new ArgumentException("There are no points; expected one at least.", nameof(points));
}
