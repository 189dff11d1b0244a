using MLNet.FineTune.Models;

namespace MLNet.FineTune.Training;

/// <summary>How well the words of texts are classified. Words that have no class, or no token because the text was cut, do not count.</summary>
internal static class WordMetrics
{
    /// <summary>The metrics that words have.</summary>
    public static readonly IReadOnlyList<ValidationMetric> Defined = [ValidationMetric.Accuracy, ValidationMetric.MacroF1, ValidationMetric.LogLoss, ValidationMetric.EntityF1];

    /// <summary>Checks before a long training that the metric can be computed.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static void Require(ValidationMetric metric, EncodedTexts data)
    {
        if (!Defined.Contains(metric))
            throw new ArgumentException($"{nameof(TrainingOptions)}.{nameof(TrainingOptions.ValidationMetric)} is {metric}, which is not defined for words; expected one of {string.Join(", ", Defined)}.", nameof(metric));
        if (!data.AllLabels.Any())
            throw new ArgumentException($"None of the {data.Count} validation rows has a word with a label within the maximum length.", nameof(data));
    }

    /// <summary>Computes one metric.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="logits">The logits of each row, row-major [words, classes].</param>
    /// <param name="data">The rows.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="names">What they are called, which tells entities; null where they have no names.</param>
    public static double Compute(ValidationMetric metric, float[][] logits, EncodedTexts data, int classCount, IReadOnlyList<string>? names) =>
        Compute(metric, logits, data.Tags!, data.LabelledWords, classCount, names);

    /// <summary>Computes one metric.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="logits">The logits of each row, row-major [words, classes].</param>
    /// <param name="tags">The class of each word of each row.</param>
    /// <param name="counted">The words of a row that count; they have a class.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="names">What they are called, which tells entities; null where they have no names.</param>
    public static double Compute(ValidationMetric metric, float[][] logits, int[][] tags, Func<int, IEnumerable<int>> counted, int classCount, IReadOnlyList<string>? names)
    {
        if (metric != ValidationMetric.EntityF1)
            return ClassificationMetrics.Compute(
                metric, [.. logits.SelectMany((row, at) => counted(at).SelectMany(word => row.Skip(word * classCount).Take(classCount)))], [.. tags.SelectMany((row, at) => counted(at).Select(word => row[word]))], classCount);
        var counts = new EntityCounts();
        for (int row = 0; row < tags.Length; row++)
        {
            int[] words = [.. counted(row)];
            counts.Add([.. words.Select(word => Name(tags[row][word]))], [.. words.Select(word => Name(Best(logits[row].AsSpan(word * classCount, classCount))))]);
        }
        return counts.F1;

        string Name(int tag) => names is null ? "" : names[tag];
    }

    /// <summary>The class of the highest logit, the first where several are equal.</summary>
    public static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int c = 1; c < logits.Length; c++)
            if (logits[c] > logits[best])
                best = c;
        return best;
    }
}
