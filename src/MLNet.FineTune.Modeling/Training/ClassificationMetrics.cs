namespace MLNet.FineTune.Training;

/// <summary>Metrics of a classifier from its logits, row-major [rows, classes], and the true classes.</summary>
internal static class ClassificationMetrics
{
    /// <summary>Computes one metric.</summary>
    /// <exception cref="ArgumentException">Sizes do not fit, there are no rows, or the metric is not defined for them.</exception>
    public static double Compute(ValidationMetric metric, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classCount)
    {
        if (labels.IsEmpty || logits.Length != labels.Length * classCount)
            throw new ArgumentException($"{logits.Length} logits and {labels.Length} labels of {classCount} classes do not fit; expected rows × classes, and at least one row.", nameof(logits));
        return metric switch
        {
            ValidationMetric.Accuracy => Accuracy(logits, labels, classCount),
            ValidationMetric.MacroF1 => MacroF1(logits, labels, classCount),
            ValidationMetric.LogLoss => LogLoss(logits, labels, classCount),
            ValidationMetric.AreaUnderRocCurve => AreaUnderRocCurve(logits, labels, classCount),
            _ => throw new ArgumentException($"The validation metric {metric} is not defined for classes; choose another {nameof(TrainingOptions.ValidationMetric)}.", nameof(metric)),
        };
    }

    public static bool HigherIsBetter(ValidationMetric metric) => metric is not (ValidationMetric.LogLoss or ValidationMetric.RootMeanSquaredError);

    /// <summary>Checks before a long training that the metric can be computed on rows of these classes.</summary>
    /// <exception cref="ArgumentException">It is not defined for them.</exception>
    public static void Require(ValidationMetric metric, int[] labels, int classCount)
    {
        if (RegressionMetrics.Has(metric) || AnswerMetrics.Has(metric) || metric == ValidationMetric.EntityF1)
            throw new ArgumentException($"The validation metric {metric} is not defined for classes; choose another {nameof(TrainingOptions.ValidationMetric)}.", nameof(metric));
        if (metric != ValidationMetric.AreaUnderRocCurve)
            return;
        if (classCount != 2)
            throw new ArgumentException($"{nameof(ValidationMetric.AreaUnderRocCurve)} needs two classes; there are {classCount}. Choose another {nameof(TrainingOptions.ValidationMetric)}.", nameof(metric));
        if (labels.Distinct().Count() < 2)
            throw new ArgumentException($"{nameof(ValidationMetric.AreaUnderRocCurve)} needs validation rows of both classes; all {labels.Length} rows are of one.", nameof(labels));
    }

    private static double Accuracy(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classCount)
    {
        int correct = 0;
        for (int row = 0; row < labels.Length; row++)
            if (Predicted(logits, row, classCount) == labels[row])
                correct++;
        return (double)correct / labels.Length;
    }

    /// <summary>Over the classes that occur as label or prediction: one that does neither has no F1.</summary>
    private static double MacroF1(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classCount)
    {
        var truePositives = new int[classCount];
        var occurrences = new int[classCount]; // as label plus as prediction: 2 TP + FP + FN
        for (int row = 0; row < labels.Length; row++)
        {
            int predicted = Predicted(logits, row, classCount);
            occurrences[predicted]++;
            occurrences[labels[row]]++;
            if (predicted == labels[row])
                truePositives[predicted]++;
        }
        return Enumerable.Range(0, classCount).Where(c => occurrences[c] > 0).Average(c => 2.0 * truePositives[c] / occurrences[c]);
    }

    private static double LogLoss(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classCount)
    {
        double sum = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            ReadOnlySpan<float> scores = logits.Slice(row * classCount, classCount);
            double largest = double.NegativeInfinity, total = 0;
            foreach (float score in scores)
                largest = Math.Max(largest, score);
            foreach (float score in scores)
                total += Math.Exp(score - largest);
            sum += largest + Math.Log(total) - scores[labels[row]];
        }
        return sum / labels.Length;
    }

    /// <summary>The probability that a row of class 1 scores above a row of class 0, ties counting half: from the ranks (Mann and Whitney 1947).</summary>
    private static double AreaUnderRocCurve(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classCount)
    {
        Require(ValidationMetric.AreaUnderRocCurve, labels.ToArray(), classCount);
        var scores = new float[labels.Length];
        for (int row = 0; row < scores.Length; row++)
            scores[row] = logits[2 * row + 1] - logits[2 * row];
        bool[] positive = [.. labels.ToArray().Select(label => label == 1)];
        Array.Sort(scores, positive);

        double rankSum = 0;
        long positives = 0;
        for (int start = 0, end; start < scores.Length; start = end)
        {
            int inTie = 0;
            for (end = start; end < scores.Length && scores[end].Equals(scores[start]); end++)
                inTie += positive[end] ? 1 : 0;
            rankSum += inTie * (start + end + 1) / 2.0;
            positives += inTie;
        }
        long negatives = scores.Length - positives;
        return (rankSum - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }

    private static int Predicted(ReadOnlySpan<float> logits, int row, int classCount)
    {
        int best = 0;
        for (int c = 1; c < classCount; c++)
            if (logits[row * classCount + c] > logits[row * classCount + best])
                best = c;
        return best;
    }
}
