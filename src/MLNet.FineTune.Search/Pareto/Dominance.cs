namespace MLNet.FineTune.Search;

/// <summary>Pareto dominance of vectors of objectives, all minimised.</summary>
internal static class Dominance
{
    /// <summary>Whether <paramref name="a"/> is nowhere worse than <paramref name="b"/> and somewhere better.</summary>
    public static bool Dominates(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        bool better = false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] > b[i])
                return false;
            better |= a[i] < b[i];
        }
        return better;
    }

    /// <summary>Whether <paramref name="a"/> is nowhere worse than <paramref name="b"/>.</summary>
    public static bool Covers(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        for (int i = 0; i < a.Length; i++)
            if (a[i] > b[i])
                return false;
        return true;
    }

    /// <summary>The indices of the points that no other dominates, in ascending order; of equal points all.</summary>
    public static int[] Front(IReadOnlyList<double[]> points)
    {
        // In lexicographic order a point is dominated only by earlier ones, and then by one of the front.
        int[] order = [.. Enumerable.Range(0, points.Count)];
        Array.Sort(order, (a, b) => Compare(points[a], points[b]));
        var front = new List<int>();
        foreach (int i in order)
            if (!front.Exists(j => Dominates(points[j], points[i])))
                front.Add(i);
        front.Sort();
        return [.. front];
    }

    /// <summary>The points that no other dominates, each once, in lexicographic order.</summary>
    public static double[][] FrontPoints(IReadOnlyList<double[]> points)
    {
        double[][] sorted = [.. points];
        Array.Sort(sorted, Compare);
        var front = new List<double[]>();
        foreach (double[] point in sorted)
            if (!front.Exists(other => Covers(other, point)))
                front.Add(point);
        return [.. front];
    }

    /// <summary>Lexicographic order.</summary>
    public static int Compare(double[] a, double[] b) => a.AsSpan().SequenceCompareTo(b);
}
