namespace MLNet.FineTune.Search.Tests;

/// <summary>Random points on coarse grids, so that ties and duplicates occur, and slow definitions to check against.</summary>
internal static class ParetoPoints
{
    public static double[][] Random(int seed, int count, int objectives, int levels = 6)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, objectives).Select(_ => (double)random.Next(levels)).ToArray())];
    }

    public static bool Dominates(double[] a, double[] b) => a.Zip(b).All(pair => pair.First <= pair.Second) && a.Zip(b).Any(pair => pair.First < pair.Second);

    /// <summary>The hypervolume of points with whole coordinates, by counting unit cells.</summary>
    public static double CountCells(IReadOnlyList<double[]> points, int reference)
    {
        int objectives = points[0].Length;
        int cells = 0;
        for (int cell = 0; cell < (int)Math.Pow(reference, objectives); cell++)
        {
            int rest = cell;
            double[] corner = new double[objectives];
            for (int k = 0; k < objectives; k++)
                (corner[k], rest) = (rest % reference, rest / reference);
            if (points.Any(point => point.Zip(corner).All(pair => pair.First <= pair.Second)))
                cells++;
        }
        return cells;
    }
}
