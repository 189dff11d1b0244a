using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>Texts that belong to several classes in part, for heads that learn one class a row: a row for each class, weighted by its probability.</summary>
internal static class SoftLabels
{
    /// <summary>Classes less probable than this have no row: they would make many rows that say next to nothing.</summary>
    private const float Least = 1e-3f;

    /// <param name="texts">Embeddings of texts, with the weights they have as a whole.</param>
    /// <param name="probabilities">Row-major [texts, classes].</param>
    /// <returns>The rows, which share the embedding of their text; the weights of a text's rows add up to its own.</returns>
    public static EmbeddedTexts Expand(EmbeddedTexts texts, float[] probabilities)
    {
        (int[] rows, int[] labels, float[] weights) = Parts(probabilities, texts.ClassCount, texts.Texts.Weights);
        return texts with { Sources = [.. rows.Select(texts.SourceOf)], Texts = new EncodedTexts(texts.Texts.Batches.Rows(rows), labels, weights) };
    }

    /// <summary>Which text each row is of, its class, and what it weighs.</summary>
    /// <param name="probabilities">Row-major [texts, classes].</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="textWeights">What the texts weigh; null where all weigh the same.</param>
    public static (int[] Rows, int[] Labels, float[] Weights) Parts(ReadOnlySpan<float> probabilities, int classes, float[]? textWeights)
    {
        List<int> rows = [], labels = [];
        List<float> weights = [];
        for (int row = 0; row < probabilities.Length / classes; row++)
        {
            ReadOnlySpan<float> shares = probabilities.Slice(row * classes, classes);
            float kept = 0;
            foreach (float share in shares)
                kept += share >= Least ? share : 0;
            for (int label = 0; label < classes; label++)
            {
                if (shares[label] < Least)
                    continue;
                rows.Add(row);
                labels.Add(label);
                weights.Add(shares[label] / kept * (textWeights?[row] ?? 1));
            }
        }
        return ([.. rows], [.. labels], [.. weights]);
    }
}
