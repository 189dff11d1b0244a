using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Heads;

namespace MLNet.FineTune.FewShot;

/// <summary>Fits a binary classifier for each label, alone or in a chain.</summary>
/// <param name="binary">Fits one of them: a head of two classes.</param>
/// <param name="strategy">Whether a label sees the earlier ones.</param>
/// <param name="order">The order of a chain.</param>
/// <param name="threshold">Above this probability a label is predicted.</param>
/// <param name="seed">Decides a random order.</param>
internal sealed class MultiLabelHeadTrainer(IHeadTrainer binary, MultiLabelStrategy strategy, LabelChainOrder order, float threshold, int seed) : IHeadTrainer
{
    /// <summary>The log-odds of a label that all training texts have; a label that none has gets the opposite. A probability of 1, or 1e-13.</summary>
    public const float Certain = 30;

    public LinearHead Fit(EmbeddedTexts embeddings, EmbeddedTexts? validation, Action? checkAlive)
    {
        int labels = embeddings.ClassCount, width = embeddings.Width;
        bool chained = strategy == MultiLabelStrategy.ClassifierChain;
        int[] sequence = [.. Enumerable.Range(0, labels)];
        if (chained && order == LabelChainOrder.Random)
            new Random(seed).Shuffle(sequence);
        var weight = new float[labels * width];
        var bias = new float[labels];
        var chain = new List<float>();
        for (int place = 0; place < labels; place++)
        {
            int label = sequence[place];
            ReadOnlySpan<int> earlier = chained ? sequence.AsSpan(0, place) : [];
            (float[] weights, bias[label]) = FitLabel(embeddings, validation, label, earlier, checkAlive);
            weights.AsSpan(0, width).CopyTo(weight.AsSpan(label * width));
            chain.AddRange(weights.AsSpan(width));
        }
        return new LinearHead(weight, bias, new LabelRule(threshold, chained ? new LabelChain(sequence, [.. chain]) : null));
    }

    /// <summary>The weights of the embedding, then of the earlier labels, and the bias.</summary>
    private (float[] Weights, float Bias) FitLabel(EmbeddedTexts embeddings, EmbeddedTexts? validation, int label, ReadOnlySpan<int> earlier, Action? checkAlive)
    {
        EmbeddedTexts texts = OfLabel(embeddings, label, earlier);
        int width = texts.Width;
        int[] counted = [.. texts.Texts.Labels.Where((_, row) => texts.Texts.Weights is null || texts.Texts.Weights[row] > 0).Distinct()];
        if (counted.Length < 2)
            return (new float[width], counted is [1] ? Certain : -Certain);
        LinearHead head = binary.Fit(texts, validation is null ? null : OfLabel(validation, label, earlier), checkAlive);
        var weights = new float[width];
        for (int i = 0; i < width; i++)
            weights[i] = head.Weight[width + i] - head.Weight[i];
        return (weights, head.Bias[1] - head.Bias[0]);
    }

    /// <summary>The texts with two classes: those that have the label are of the second.</summary>
    private static EmbeddedTexts OfLabel(EmbeddedTexts texts, int label, ReadOnlySpan<int> earlier) => new(
        Widen(texts, earlier),
        texts.Width + earlier.Length,
        texts.Texts with { Labels = [.. texts.Texts.LabelSets!.Select(set => set.Contains(label) ? 1 : 0)], LabelSets = null },
        ClassCount: 2);

    /// <summary>Embeddings followed by a 1 for each of some labels that the text has, and a 0 for each that it has not.</summary>
    private static float[] Widen(EmbeddedTexts embeddings, ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty)
            return embeddings.Values;
        int width = embeddings.Width + labels.Length;
        var values = new float[embeddings.Count * width];
        for (int row = 0; row < embeddings.Count; row++)
        {
            embeddings[row].CopyTo(values.AsSpan(row * width));
            for (int i = 0; i < labels.Length; i++)
                values[row * width + embeddings.Width + i] = embeddings.Texts.LabelSets![row].Contains(labels[i]) ? 1 : 0;
        }
        return values;
    }
}
