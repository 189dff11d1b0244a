using System.Numerics.Tensors;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.ActiveLearning;

/// <summary>Texts that the model takes for something else than labelled texts which lie close to them: the mean of KL(p_neighbour ‖ p) over the nearest labelled ones (CAL, Margatina et al. 2021, arXiv 2109.03764).</summary>
internal static class ContrastiveAcquisition
{
    /// <summary>A class that the model rules out still has this probability: divergences are finite.</summary>
    private const double Least = 1e-7;

    /// <param name="embeddings">Row-major [texts, width].</param>
    /// <param name="labels">What the model takes the texts for.</param>
    /// <param name="labeledEmbeddings">Those of the labelled texts.</param>
    /// <param name="labeled">What the model takes the labelled texts for.</param>
    /// <param name="width">Numbers an embedding.</param>
    /// <param name="neighbors">How many neighbours; all labelled texts where there are fewer.</param>
    /// <param name="checkAlive">Polled; throws to stop.</param>
    /// <returns>The mean divergence for each text.</returns>
    public static double[] Score(float[] embeddings, PseudoLabels labels, float[] labeledEmbeddings, PseudoLabels labeled, int width, int neighbors, Action? checkAlive = null)
    {
        var scores = new double[labels.Count];
        var distances = new float[labeled.Count];
        var order = new int[labeled.Count];
        int count = Math.Min(neighbors, labeled.Count);
        for (int row = 0; row < scores.Length; row++)
        {
            if (row % 256 == 0)
                checkAlive?.Invoke();
            for (int other = 0; other < order.Length; other++)
            {
                order[other] = other;
                distances[other] = TensorPrimitives.Distance<float>(embeddings.AsSpan(row * width, width), labeledEmbeddings.AsSpan(other * width, width));
            }
            Array.Sort(distances, order);
            for (int i = 0; i < count; i++)
                scores[row] += Divergence(labeled[order[i]], labels[row]) / count;
        }
        return scores;
    }

    /// <summary>KL(p ‖ q) = Σ p ln(p / q).</summary>
    public static double Divergence(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
            if (p[i] > 0)
                sum += p[i] * (Math.Log(p[i]) - Math.Log(Math.Max(q[i], Least)));
        return sum;
    }
}
