namespace MLNet.FineTune.Search;

/// <summary>Fast non-dominated sorting (Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEC 6(2)).</summary>
internal static class NondominatedSorting
{
    /// <summary>The rank of each point: 0 for the front, 1 for the front of what remains without it, and so on.</summary>
    public static int[] Ranks(IReadOnlyList<double[]> points)
    {
        int n = points.Count;
        var ranks = new int[n];
        var dominators = new int[n];
        var dominated = new List<int>[n];
        for (int i = 0; i < n; i++)
            dominated[i] = [];
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                if (Dominance.Dominates(points[i], points[j]))
                    Note(i, j);
                else if (Dominance.Dominates(points[j], points[i]))
                    Note(j, i);
        int[] front = [.. Enumerable.Range(0, n).Where(i => dominators[i] == 0)];
        for (int rank = 0; front.Length > 0; rank++)
        {
            var next = new List<int>();
            foreach (int i in front)
            {
                ranks[i] = rank;
                foreach (int j in dominated[i])
                    if (--dominators[j] == 0)
                        next.Add(j);
            }
            front = [.. next];
        }
        return ranks;

        void Note(int better, int worse)
        {
            dominated[better].Add(worse);
            dominators[worse]++;
        }
    }

    /// <summary>The indices of the best <paramref name="count"/> points by rank, and within the last rank by crowding distance; best first.</summary>
    public static int[] Best(IReadOnlyList<double[]> points, int count)
    {
        int[] ranks = Ranks(points);
        double[] distances = CrowdingDistance.Of(points, ranks);
        return [.. Enumerable.Range(0, points.Count).OrderBy(i => ranks[i]).ThenByDescending(i => distances[i]).Take(count)];
    }
}
