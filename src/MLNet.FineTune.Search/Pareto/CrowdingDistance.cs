namespace MLNet.FineTune.Search;

/// <summary>How far a point's neighbours on its front are apart: the sum over objectives, each on the scale of the front (Deb et al. 2002, NSGA-II).</summary>
internal static class CrowdingDistance
{
    /// <summary>The distances on one front; infinite at its ends.</summary>
    public static double[] Of(IReadOnlyList<double[]> front)
    {
        var distances = new double[front.Count];
        int[] order = [.. Enumerable.Range(0, front.Count)];
        for (int k = 0; front.Count > 0 && k < front[0].Length; k++)
        {
            int objective = k;
            Array.Sort(order, (a, b) => (front[a][objective], a).CompareTo((front[b][objective], b)));
            double range = front[order[^1]][k] - front[order[0]][k];
            distances[order[0]] = distances[order[^1]] = double.PositiveInfinity;
            for (int i = 1; range > 0 && i < order.Length - 1; i++)
                distances[order[i]] += (front[order[i + 1]][k] - front[order[i - 1]][k]) / range;
        }
        return distances;
    }

    /// <summary>The distances of all points, each among those of its rank.</summary>
    public static double[] Of(IReadOnlyList<double[]> points, int[] ranks)
    {
        var distances = new double[points.Count];
        foreach (IGrouping<int, int> front in Enumerable.Range(0, points.Count).GroupBy(i => ranks[i]))
        {
            int[] members = [.. front];
            double[] within = Of([.. members.Select(i => points[i])]);
            for (int i = 0; i < members.Length; i++)
                distances[members[i]] = within[i];
        }
        return distances;
    }
}
