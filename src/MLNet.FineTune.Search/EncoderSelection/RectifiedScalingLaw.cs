using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// The loss of a fine-tuned model by the number of rows it learnt from, D: L(D) = B / (D_l + D^β) + E, where D_l stands for what pre-training has already taught it
/// (Lin et al. 2024, "Selecting Large Language Model to Fine-tune via Rectified Scaling Law", arXiv 2402.02314). With few rows the curve is nearly flat; with many it is a power law.
/// </summary>
/// <param name="B">The scale of what remains to be learnt; above 0.</param>
/// <param name="PreLearnedSize">D_l, in units of D^β; 0 or more.</param>
/// <param name="Beta">β, how fast rows help; above 0.</param>
/// <param name="E">The loss that no number of rows removes; 0 or more.</param>
public sealed record RectifiedScalingLaw(double B, double PreLearnedSize, double Beta, double E)
{
    /// <summary>The number of points that a fit needs: one more than there are parameters.</summary>
    public const int MinimumPoints = 5;

    /// <summary>The loss for a number of rows.</summary>
    public double LossAt(double rows) => B / (PreLearnedSize + Math.Pow(rows, Beta)) + E;

    /// <summary>Fits the law to measurements: least Huber loss of the differences of logarithms, from many starts.</summary>
    /// <param name="points">Measurements for <see cref="MinimumPoints"/> numbers of rows or more.</param>
    /// <exception cref="ArgumentException">There are too few points, or a loss is not a number above 0.</exception>
    public static RectifiedScalingLaw Fit(IReadOnlyList<ScalingPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Select(point => point.Rows).Distinct().Count() < MinimumPoints)
            throw new ArgumentException($"There are measurements for {points.Select(point => point.Rows).Distinct().Count()} numbers of rows; expected {MinimumPoints} or more.", nameof(points));
        if (points.FirstOrDefault(point => !(point.Loss > 0 && double.IsFinite(point.Loss) && point.Rows > 0)) is { } bad)
            throw new ArgumentException(FormattableString.Invariant($"The loss for {bad.Rows} rows is {bad.Loss}; expected a number above 0, for 1 row or more."), nameof(points));
        return ScalingLawFit.Run(points);
    }
}
