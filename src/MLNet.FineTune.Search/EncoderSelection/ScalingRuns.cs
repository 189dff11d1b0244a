namespace MLNet.FineTune.Search;

/// <summary>Runs on subsets of one training set, and what they predict for all of it.</summary>
/// <param name="options">Method and sizes.</param>
/// <param name="rows">The rows of the whole set.</param>
internal sealed class ScalingRuns(EncoderSelectionOptions options, int rows)
{
    /// <summary>The sizes of the subsets, the largest first.</summary>
    /// <param name="classes">How many classes there are: each is in each subset.</param>
    /// <exception cref="InvalidOperationException">The set is too small for as many as the method needs.</exception>
    public int[] Sizes(int classes)
    {
        int least = Math.Max(options.MinRows, classes);
        int[] sizes = [.. Enumerable.Range(0, options.MaxSubsets).Select(i => (int)(rows * options.MaxShare / Math.Pow(2, i))).Where(size => size >= least)];
        return sizes.Length >= options.MinimumSubsets ? sizes : throw new InvalidOperationException(
            $"{rows} rows to learn from give {sizes.Length} subsets of {least} rows or more, from a share of {FormattableString.Invariant($"{options.MaxShare}")} down by halves; {options.Method} needs {options.MinimumSubsets}. " +
            $"Give more rows, a larger {nameof(EncoderSelectionOptions.MaxShare)} or a smaller {nameof(EncoderSelectionOptions.MinRows)}.");
    }

    /// <summary>Measures an encoder on subsets, as many as the method needs.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="sizes">The sizes of the subsets, the largest first.</param>
    /// <param name="measure">The loss after learning from so many rows.</param>
    /// <param name="told">Is given each point.</param>
    public EncoderCandidate Measure(EncoderSource encoder, IReadOnlyList<int> sizes, Func<int, double> measure, Action<ScalingPoint>? told = null)
    {
        var points = new List<ScalingPoint>();
        foreach (int size in sizes)
        {
            var point = new ScalingPoint(size, measure(size));
            if (!(point.Loss > 0 && double.IsFinite(point.Loss)))
                throw new InvalidOperationException(FormattableString.Invariant($"The loss after {size} rows is {point.Loss}; expected a number above 0."));
            point = point with { Accepted = options.Method != EncoderSelectionMethod.AcceptThenStop || AcceptThenStop.Accepts(points, point, options.StopThreshold) };
            points.Add(point);
            told?.Invoke(point);
            if (!point.Accepted)
                break;
        }
        RectifiedScalingLaw? law = points.Count >= RectifiedScalingLaw.MinimumPoints ? RectifiedScalingLaw.Fit(points) : null;
        return new EncoderCandidate
        {
            Encoder = encoder,
            Points = points,
            Law = law,
            PredictedLoss = options.Method == EncoderSelectionMethod.AcceptThenStop
                ? AcceptThenStop.Predict([.. points.Where(point => point.Accepted)], rows)
                : law!.LossAt(rows),
        };
    }
}
