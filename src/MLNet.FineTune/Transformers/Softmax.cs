namespace MLNet.FineTune.Transformers;

/// <summary>Probabilities from logits.</summary>
internal static class Softmax
{
    /// <summary>Softmax over all classes, computed in double precision from the differences to the largest logit.</summary>
    public static void Apply(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        float largest = float.NegativeInfinity;
        foreach (float logit in logits)
            largest = MathF.Max(largest, logit);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp((double)logit - largest);
        for (int i = 0; i < logits.Length; i++)
            probabilities[i] = (float)(Math.Exp((double)logits[i] - largest) / sum);
    }

    /// <summary>The probability of the second of two classes from the difference of their logits.</summary>
    public static float OfDifference(float difference) => (float)(1 / (1 + Math.Exp(-(double)difference)));

    /// <summary>Index of the first largest value; -1 when a value is NaN.</summary>
    public static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
                return -1;
            if (values[i] > values[best])
                best = i;
        }
        return best;
    }
}
