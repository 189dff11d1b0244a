namespace MLNet.FineTune.Training;

/// <summary>Metrics of a classifier whose texts can have several labels or none. Truth, predictions and scores are row-major [rows, labels].</summary>
internal static class LabelSetMetrics
{
    /// <summary>Least probability of what happened that a logarithm is taken of, as float32 tells it from 0.</summary>
    private const double Epsilon = 1.1920928955078125e-7;

    /// <summary>Computes one metric of probabilities.</summary>
    /// <exception cref="ArgumentException">There are no rows, or the metric is not defined for sets of labels.</exception>
    public static double Compute(ValidationMetric metric, float[] probabilities, int[][] sets, int labelCount, float threshold)
    {
        if (sets.Length == 0 || probabilities.Length != sets.Length * labelCount)
            throw new ArgumentException($"{probabilities.Length} probabilities and {sets.Length} sets of {labelCount} labels do not fit; expected rows × labels, and at least one row.", nameof(probabilities));
        bool[] truth = Indicators(sets, labelCount), predicted = [.. probabilities.Select(probability => probability > threshold)];
        return metric switch
        {
            ValidationMetric.Accuracy => SubsetAccuracy(truth, predicted, labelCount),
            ValidationMetric.MacroF1 => MacroF1(truth, predicted, labelCount),
            ValidationMetric.LogLoss => LogLoss(truth, probabilities),
            _ => throw new ArgumentException($"The validation metric {metric} is not defined where texts can have several labels; choose another {nameof(TrainingOptions.ValidationMetric)}.", nameof(metric)),
        };
    }

    /// <summary>Sets of labels as one truth value a label.</summary>
    public static bool[] Indicators(int[][] sets, int labelCount)
    {
        var truth = new bool[sets.Length * labelCount];
        for (int row = 0; row < sets.Length; row++)
            foreach (int label in sets[row])
                truth[row * labelCount + label] = true;
        return truth;
    }

    /// <summary>The share of rows whose whole set is right.</summary>
    public static double SubsetAccuracy(bool[] truth, bool[] predicted, int labelCount)
    {
        int rows = truth.Length / labelCount;
        return (double)Enumerable.Range(0, rows).Count(row => truth.AsSpan(row * labelCount, labelCount).SequenceEqual(predicted.AsSpan(row * labelCount, labelCount))) / rows;
    }

    /// <summary>The share of decisions that are wrong.</summary>
    public static double HammingLoss(bool[] truth, bool[] predicted) => (double)truth.Zip(predicted).Count(pair => pair.First != pair.Second) / truth.Length;

    /// <summary>F1 of all decisions together; 1 where there is neither a label nor a prediction.</summary>
    public static double MicroF1(bool[] truth, bool[] predicted) => F1(truth.Zip(predicted)) ?? 1;

    /// <summary>Mean F1 over the labels that occur as label or prediction; 1 where none does.</summary>
    public static double MacroF1(bool[] truth, bool[] predicted, int labelCount) =>
        Enumerable.Range(0, labelCount).Select(label => F1(Column(truth, label, labelCount).Zip(Column(predicted, label, labelCount)))).OfType<double>().DefaultIfEmpty(1).Average();

    /// <summary>Average precision of all decisions together; NaN where no label occurs.</summary>
    public static double MicroAveragePrecision(bool[] truth, float[] scores) => AveragePrecision(truth, scores);

    /// <summary>Mean average precision over the labels that occur; NaN where none does.</summary>
    public static double MacroAveragePrecision(bool[] truth, float[] scores, int labelCount) =>
        Enumerable.Range(0, labelCount).Select(label => AveragePrecision(Column(truth, label, labelCount), Column(scores, label, labelCount))).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Label-ranking average precision: of each true label, the share of true ones among the labels that score at least as high; 1 for a row whose labels are all true or all false.</summary>
    public static double LabelRankingAveragePrecision(bool[] truth, float[] scores, int labelCount)
    {
        int rows = truth.Length / labelCount;
        return Enumerable.Range(0, rows).Average(row =>
        {
            float[] own = scores[(row * labelCount)..((row + 1) * labelCount)];
            int[] positives = [.. Enumerable.Range(0, labelCount).Where(label => truth[row * labelCount + label])];
            return positives.Length == 0 || positives.Length == labelCount ? 1
                : positives.Average(label => (double)positives.Count(other => own[other] >= own[label]) / own.Count(score => score >= own[label]));
        });
    }

    private static double LogLoss(bool[] truth, float[] probabilities) =>
        -truth.Zip(probabilities).Average(pair => Math.Log(Math.Max(Epsilon, pair.First ? pair.Second : 1 - (double)pair.Second)));

    private static double? F1(IEnumerable<(bool True, bool Predicted)> decisions)
    {
        long both = 0, either = 0; // 2 TP + FP + FN
        foreach ((bool isTrue, bool predicted) in decisions)
        {
            both += isTrue && predicted ? 1 : 0;
            either += (isTrue ? 1 : 0) + (predicted ? 1 : 0);
        }
        return either == 0 ? null : 2.0 * both / either;
    }

    /// <summary>The mean of the precisions at each positive, equal scores taken together: Σ (Rₙ − Rₙ₋₁) Pₙ.</summary>
    private static double AveragePrecision(bool[] truth, float[] scores)
    {
        float[] keys = [.. scores.Select(score => -score)];
        var sorted = (bool[])truth.Clone();
        Array.Sort(keys, sorted);
        double sum = 0;
        long positives = 0;
        for (int start = 0, end; start < keys.Length; start = end)
        {
            int inTie = 0;
            for (end = start; end < keys.Length && keys[end].Equals(keys[start]); end++)
                inTie += sorted[end] ? 1 : 0;
            positives += inTie;
            sum += inTie * ((double)positives / end);
        }
        return sum / positives;
    }

    private static T[] Column<T>(T[] values, int label, int labelCount) => [.. Enumerable.Range(0, values.Length / labelCount).Select(row => values[row * labelCount + label])];
}
