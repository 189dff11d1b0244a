using System.Numerics.Tensors;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What the labelled texts nearest to a text say of it: their classes, by the softmax of their cosines with it.</summary>
internal static class NeighborLabels
{
    /// <param name="embeddings">Row-major [texts, width].</param>
    /// <param name="labeled">Embeddings of the labelled texts.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="width">Numbers an embedding.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="neighbors">How many neighbours; all labelled texts where there are fewer.</param>
    /// <param name="temperature">Divides the cosines: less leaves more to the nearest.</param>
    /// <param name="checkAlive">Polled; throws to stop.</param>
    public static PseudoLabels Of(float[] embeddings, float[] labeled, int[] labels, int width, int classCount, int neighbors, double temperature, Action? checkAlive = null)
    {
        int texts = embeddings.Length / width, count = Math.Min(neighbors, labels.Length);
        var probabilities = new float[texts * classCount];
        var distances = new float[labels.Length];
        var order = new int[labels.Length];
        for (int row = 0; row < texts; row++)
        {
            if (row % 256 == 0)
                checkAlive?.Invoke();
            for (int other = 0; other < order.Length; other++)
                (order[other], distances[other]) = (other, -TensorPrimitives.CosineSimilarity<float>(embeddings.AsSpan(row * width, width), labeled.AsSpan(other * width, width)));
            Array.Sort(distances, order);
            double sum = 0;
            for (int i = 0; i < count; i++)
                sum += Math.Exp((distances[0] - distances[i]) / temperature);
            for (int i = 0; i < count; i++)
                probabilities[row * classCount + labels[order[i]]] += (float)(Math.Exp((distances[0] - distances[i]) / temperature) / sum);
        }
        return new PseudoLabels(probabilities, classCount);
    }
}
