namespace MLNet.FineTune.Search;

/// <summary>
/// The region below a reference point that a front does not dominate, cut into boxes, so that what a point adds to the hypervolume is a
/// sum of products (Daulton, Balandat and Bakshy 2020, "Differentiable Expected Hypervolume Improvement", arXiv 2006.05078). Strips in
/// two dimensions, slices of strips above.
/// </summary>
internal sealed class NondominatedBoxes
{
    private readonly int _dimensions;
    private readonly double[] _lower, _upper; // [boxes × dimensions]

    /// <param name="points">The points that dominate; those not better than the reference in every objective are left out.</param>
    /// <param name="reference">The reference point.</param>
    public NondominatedBoxes(IReadOnlyList<double[]> points, double[] reference)
    {
        _dimensions = reference.Length;
        Front = Dominance.FrontPoints([.. points.Where(point => point.Zip(reference).All(pair => pair.First < pair.Second))]);
        List<Box> boxes = Cut(Front, reference, _dimensions);
        _lower = [.. boxes.SelectMany(box => box.Lower)];
        _upper = [.. boxes.SelectMany(box => box.Upper)];
    }

    /// <summary>The front itself, in lexicographic order.</summary>
    public double[][] Front { get; }

    /// <summary>What the hypervolume grows by with <paramref name="point"/>.</summary>
    public double Improvement(ReadOnlySpan<double> point)
    {
        double sum = 0;
        for (int box = 0; box < _lower.Length; box += _dimensions)
        {
            double volume = 1;
            for (int k = 0; k < _dimensions; k++)
            {
                double side = _upper[box + k] - Math.Max(_lower[box + k], point[k]);
                if (!(side > 0))
                {
                    volume = 0;
                    break;
                }
                volume *= side;
            }
            sum += volume;
        }
        return sum;
    }

    /// <summary>
    /// By how much the point improves on the front, as the smallest shift that makes the front cover it; negative where the front covers it
    /// already, by how much it must be better to leave the covered region. It ranks points that add no volume.
    /// </summary>
    public double Shift(ReadOnlySpan<double> point, ReadOnlySpan<double> reference)
    {
        double shift = double.PositiveInfinity;
        foreach (double[] other in Front)
        {
            double gain = double.NegativeInfinity;
            for (int k = 0; k < _dimensions; k++)
                gain = Math.Max(gain, other[k] - point[k]);
            shift = Math.Min(shift, gain);
        }
        for (int k = 0; k < _dimensions; k++)
            shift = Math.Min(shift, reference[k] - point[k]);
        return shift;
    }

    /// <summary>
    /// The boxes of the first <paramref name="depth"/> objectives. Slices lie between the front's values of the last of these; a box that
    /// the next slice has too grows into it.
    /// </summary>
    private static List<Box> Cut(double[][] front, double[] reference, int depth)
    {
        if (depth == 1)
            return [new Box([double.NegativeInfinity], [front.Length == 0 ? reference[0] : front.Min(point => point[0])])];
        int axis = depth - 1;
        double[] cuts = [double.NegativeInfinity, .. front.Select(point => point[axis]).Distinct().Order(), reference[axis]];
        var boxes = new List<Box>();
        var growing = new List<(Box Base, double From)>();
        for (int i = 0; i + 1 < cuts.Length; i++)
        {
            double from = cuts[i];
            double[][] below = [.. front.Where(point => point[axis] <= from)];
            List<Box> bases = Cut(below.Length == 0 ? below : Dominance.FrontPoints([.. below.Select(point => point[..axis])]), reference, axis);
            boxes.AddRange(growing.Where(slab => !bases.Exists(slab.Base.Equals)).Select(slab => slab.Base.Raised(slab.From, from)));
            growing = [.. bases.Select(box => growing.Find(slab => slab.Base.Equals(box)) is { Base: not null } slab ? slab : (box, from))];
        }
        boxes.AddRange(growing.Select(slab => slab.Base.Raised(slab.From, reference[axis])));
        return boxes;
    }

    private sealed record Box(double[] Lower, double[] Upper)
    {
        /// <summary>The box between two values of a further objective.</summary>
        public Box Raised(double from, double to) => new([.. Lower, from], [.. Upper, to]);

        public bool Equals(Box? other) => other is not null && Lower.AsSpan().SequenceEqual(other.Lower) && Upper.AsSpan().SequenceEqual(other.Upper);

        public override int GetHashCode() => HashCode.Combine(Lower[0], Upper[0]);
    }
}
