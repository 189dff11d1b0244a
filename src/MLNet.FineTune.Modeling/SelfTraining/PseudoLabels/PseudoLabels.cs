using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What a model takes texts for: a probability for each class, and all that follows from them.</summary>
/// <param name="probabilities">Row-major [texts, classes].</param>
/// <param name="classCount">How many classes there are.</param>
internal sealed class PseudoLabels(float[] probabilities, int classCount)
{
    public int Count => probabilities.Length / classCount;

    public int ClassCount => classCount;

    /// <summary>Row-major [texts, classes].</summary>
    public float[] Probabilities => probabilities;

    /// <summary>The probabilities of a text.</summary>
    public ReadOnlySpan<float> this[int row] => probabilities.AsSpan(row * classCount, classCount);

    /// <summary>Softmax of logits divided by a temperature; the array is used on.</summary>
    public static PseudoLabels FromLogits(float[] logits, int classCount, double temperature = 1)
    {
        for (int start = 0; start < logits.Length; start += classCount)
        {
            Span<float> row = logits.AsSpan(start, classCount);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (float logit in row)
                largest = Math.Max(largest, logit);
            foreach (float logit in row)
                sum += Math.Exp((logit - largest) / temperature);
            foreach (ref float value in row)
                value = (float)(Math.Exp((value - largest) / temperature) / sum);
        }
        return new PseudoLabels(logits, classCount);
    }

    /// <summary>Labels that are certain.</summary>
    /// <param name="labels">The class of each text.</param>
    /// <param name="classCount">How many classes there are.</param>
    public static PseudoLabels Of(IReadOnlyList<int> labels, int classCount)
    {
        var probabilities = new float[labels.Count * classCount];
        for (int row = 0; row < labels.Count; row++)
            probabilities[row * classCount + labels[row]] = 1;
        return new PseudoLabels(probabilities, classCount);
    }

    /// <summary>The most probable classes, as if they were certain.</summary>
    public PseudoLabels Hard() => Of([.. Enumerable.Range(0, Count).Select(Label)], classCount);

    /// <summary>As it is kept in a checkpoint.</summary>
    public StateBag ToState()
    {
        var state = new StateBag();
        state.Tensors.Add("probabilities", torch.tensor(probabilities, [Count, classCount]));
        return state;
    }

    /// <summary>What <see cref="ToState"/> gave.</summary>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    public static PseudoLabels FromState(StateBag state)
    {
        torch.Tensor tensor = state.Tensor("probabilities");
        return tensor.dim() == 2 && tensor.dtype == torch.ScalarType.Float32
            ? new PseudoLabels(tensor.data<float>().ToArray(), (int)tensor.size(1))
            : throw new InvalidDataException($"Its probabilities are {tensor.dtype} of {tensor.dim()} dimensions; expected Float32 of 2.");
    }

    /// <summary>The most probable class, the first of several.</summary>
    public int Label(int row)
    {
        ReadOnlySpan<float> values = this[row];
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }

    /// <summary>The probability of the most probable class.</summary>
    public float Confidence(int row) => this[row][Label(row)];

    /// <summary>−Σ p ln p as a share of its maximum ln C: 0 for certainty, 1 for no idea.</summary>
    public double Entropy(int row) => EntropyOf(this[row]);

    /// <summary>How many of some texts are taken for each class.</summary>
    public int[] CountPerClass(IEnumerable<int> rows)
    {
        var counts = new int[classCount];
        foreach (int row in rows)
            counts[Label(row)]++;
        return counts;
    }

    /// <summary>See <see cref="Entropy"/>.</summary>
    public static double EntropyOf(ReadOnlySpan<float> probabilities)
    {
        double sum = 0;
        foreach (float p in probabilities)
            if (p > 0)
                sum -= p * Math.Log(p);
        return sum / Math.Log(probabilities.Length);
    }
}
