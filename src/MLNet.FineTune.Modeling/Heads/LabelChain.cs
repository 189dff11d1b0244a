namespace MLNet.FineTune.Heads;

/// <summary>Labels that are decided one after the other: what was decided before is added to a label's logit (classifier chains, Read et al. 2011, "Classifier Chains for Multi-label Classification", Machine Learning 85).</summary>
internal sealed class LabelChain
{
    /// <param name="order">The labels in the order they are decided.</param>
    /// <param name="weights">What each earlier label adds to a label's logit: none for the first of the order, one for the second, and so on.</param>
    /// <exception cref="ArgumentException">The order does not name each label once, or the weights are not as many as that or not finite.</exception>
    public LabelChain(int[] order, float[] weights)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, order.Length)))
            throw new ArgumentException($"The order of the chain does not name each of its {order.Length} labels once.", nameof(order));
        if (weights.Length != WeightCount(order.Length))
            throw new ArgumentException($"The chain has {weights.Length} weights; expected {WeightCount(order.Length)} for {order.Length} labels.", nameof(weights));
        if (!weights.All(float.IsFinite))
            throw new ArgumentException("A weight of the chain is infinite or not a number.", nameof(weights));
        (Order, Weights) = (order, weights);
    }

    public int[] Order { get; }

    public float[] Weights { get; }

    public static long WeightCount(long labels) => labels * (labels - 1) / 2;

    /// <summary>The probabilities of one text's labels.</summary>
    /// <param name="logits">The logits without the chain.</param>
    /// <param name="probabilities">Receives the probabilities.</param>
    /// <param name="threshold">Above this probability a label counts as decided for.</param>
    public void Apply(ReadOnlySpan<float> logits, Span<float> probabilities, float threshold)
    {
        for (int place = 0, weight = 0; place < Order.Length; place++)
        {
            double logit = logits[Order[place]];
            for (int earlier = 0; earlier < place; earlier++, weight++)
                if (probabilities[Order[earlier]] > threshold)
                    logit += Weights[weight];
            probabilities[Order[place]] = LabelRule.Sigmoid(logit);
        }
    }
}
