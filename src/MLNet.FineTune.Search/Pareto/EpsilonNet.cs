namespace MLNet.FineTune.Search;

/// <summary>
/// An order of points by non-dominated rank, and within a rank so that every beginning covers the front: each point is the one
/// farthest from those before it (Salinas et al. 2021, "A multi-objective perspective on jointly tuning hardware and hyperparameters"; in Schmucker
/// et al. 2021, arXiv 2106.12639, as EpsNet).
/// </summary>
internal static class EpsilonNet
{
    /// <summary>The indices of the points, best first. The first of each rank is the one that is best in the first cost.</summary>
    /// <param name="points">Costs: smaller is better. Distances are between the places that costs have among all, so that no unit outweighs another.</param>
    public static int[] Order(IReadOnlyList<double[]> points)
    {
        int[] ranks = NondominatedSorting.Ranks(points);
        double[][] places = Places(points);
        return [.. Enumerable.Range(0, points.Count).GroupBy(i => ranks[i]).OrderBy(group => group.Key).SelectMany(group => Spread([.. group], points, places))];
    }

    private static IEnumerable<int> Spread(int[] indices, IReadOnlyList<double[]> points, double[][] places)
    {
        List<int> left = [.. indices.OrderBy(i => points[i][0]).ThenBy(i => i)];
        double[] nearest = [.. Enumerable.Repeat(double.PositiveInfinity, points.Count)];
        while (left.Count > 0)
        {
            // The first of equals, which is the best in the first cost.
            int next = left.MaxBy(i => nearest[i]);
            left.Remove(next);
            foreach (int i in left)
                nearest[i] = Math.Min(nearest[i], Distance(places[i], places[next]));
            yield return next;
        }
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    /// <summary>The share of all points that are better, cost by cost.</summary>
    private static double[][] Places(IReadOnlyList<double[]> points) =>
        [.. points.Select(point => point.Select((cost, j) => points.Count(other => other[j] < cost) / (double)points.Count).ToArray())];
}
