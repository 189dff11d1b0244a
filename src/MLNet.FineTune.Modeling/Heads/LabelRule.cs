namespace MLNet.FineTune.Heads;

/// <summary>How the logits of a text that can have several labels, or none, become probabilities and a set of labels.</summary>
/// <param name="Threshold">A text has the labels whose probability is above this.</param>
/// <param name="Chain">How labels depend on each other; null where each is decided by itself.</param>
internal sealed record LabelRule(float Threshold, LabelChain? Chain = null)
{
    /// <summary>The logistic function.</summary>
    public static float Sigmoid(double logit) => (float)(1 / (1 + Math.Exp(-logit)));

    /// <summary>The probabilities of one text's labels.</summary>
    public void Apply(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        if (Chain is not null)
        {
            Chain.Apply(logits, probabilities, Threshold);
            return;
        }
        for (int label = 0; label < logits.Length; label++)
            probabilities[label] = Sigmoid(logits[label]);
    }

    /// <summary>The probabilities of the labels of several texts, row-major [texts, labels].</summary>
    public float[] ApplyAll(ReadOnlySpan<float> logits, int labels)
    {
        var probabilities = new float[logits.Length];
        for (int start = 0; start < logits.Length; start += labels)
            Apply(logits.Slice(start, labels), probabilities.AsSpan(start, labels));
        return probabilities;
    }
}
