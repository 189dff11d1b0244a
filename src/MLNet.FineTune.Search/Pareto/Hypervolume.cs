namespace MLNet.FineTune.Search;

/// <summary>
/// The volume that a set of points dominates below a reference point, all objectives minimised; exact: a sweep in two and three
/// dimensions, above by exclusive volumes (While, Bradstreet and Barone 2012, "A Fast Way of Calculating Exact Hypervolumes", IEEE TEC 16(1)).
/// </summary>
internal static class Hypervolume
{
    /// <summary>The dominated volume. Points that are not better than the reference in every objective add nothing.</summary>
    public static double Of(IReadOnlyList<double[]> points, double[] reference)
    {
        double[][] inside = [.. points.Where(point => Inside(point, reference))];
        return inside.Length == 0 ? 0 : OfFront(Dominance.FrontPoints(inside), reference);
    }

    /// <summary>What the volume grows by when <paramref name="point"/> is added to <paramref name="points"/>.</summary>
    public static double Improvement(IReadOnlyList<double[]> points, double[] point, double[] reference)
    {
        if (!Inside(point, reference))
            return 0;
        double[][] limited = Limited(points.Where(other => Inside(other, reference)), point);
        return Box(point, reference) - (limited.Length == 0 ? 0 : OfFront(limited, reference));
    }

    /// <summary>
    /// Up to <paramref name="count"/> points that together dominate much volume: each is the one that adds most to those before it, which
    /// reaches 1 − 1/e of the best set's volume at least (Guerreiro, Fonseca and Paquete 2016, "Greedy Hypervolume Subset Selection in Low Dimensions").
    /// </summary>
    /// <returns>Indices, in the order of selection.</returns>
    public static int[] Subset(IReadOnlyList<double[]> points, int count, double[] reference)
    {
        var chosen = new List<int>();
        List<int> open = [.. Enumerable.Range(0, points.Count)];
        while (chosen.Count < count && open.Count > 0)
        {
            double[][] before = [.. chosen.Select(i => points[i])];
            int best = open.MaxBy(i => Improvement(before, points[i], reference));
            chosen.Add(best);
            open.Remove(best);
        }
        return [.. chosen];
    }

    private static bool Inside(double[] point, double[] reference)
    {
        for (int k = 0; k < reference.Length; k++)
            if (!(point[k] < reference[k]))
                return false;
        return true;
    }

    /// <param name="front">Points of which none covers another, in lexicographic order, all inside.</param>
    /// <param name="reference">The reference point.</param>
    private static double OfFront(double[][] front, double[] reference) => reference.Length switch
    {
        1 => reference[0] - front[0][0],
        2 => Sweep(front, reference),
        3 => SweepSlices(front, reference),
        _ => Exclusive(front, reference),
    };

    private static double Sweep(double[][] front, double[] reference)
    {
        double volume = 0, ceiling = reference[1];
        foreach (double[] point in front)
        {
            volume += (reference[0] - point[0]) * (ceiling - point[1]);
            ceiling = point[1];
        }
        return volume;
    }

    /// <summary>Slices along the first objective, in which the points' order ascends; each is the area of the points before it.</summary>
    private static double SweepSlices(double[][] front, double[] reference)
    {
        double volume = 0;
        double[] plane = reference[1..];
        var area = new List<double[]>();
        for (int i = 0; i < front.Length; i++)
        {
            double[] added = front[i][1..];
            area.RemoveAll(point => Dominance.Covers(added, point));
            if (!area.Exists(point => Dominance.Covers(point, added)))
                area.Add(added);
            area.Sort(Dominance.Compare);
            double depth = (i + 1 < front.Length ? front[i + 1][0] : reference[0]) - front[i][0];
            volume += depth * Sweep([.. area], plane);
        }
        return volume;
    }

    private static double Exclusive(double[][] front, double[] reference)
    {
        double volume = 0;
        for (int i = 0; i < front.Length; i++)
        {
            double[][] limited = Limited(front[(i + 1)..], front[i]);
            volume += Box(front[i], reference) - (limited.Length == 0 ? 0 : OfFront(limited, reference));
        }
        return volume;
    }

    /// <summary>The parts of the points' boxes that lie in the box of <paramref name="point"/>.</summary>
    private static double[][] Limited(IEnumerable<double[]> points, double[] point) =>
        Dominance.FrontPoints([.. points.Select(other => other.Zip(point, Math.Max).ToArray())]);

    private static double Box(double[] point, double[] reference)
    {
        double volume = 1;
        for (int k = 0; k < point.Length; k++)
            volume *= reference[k] - point[k];
        return volume;
    }
}
