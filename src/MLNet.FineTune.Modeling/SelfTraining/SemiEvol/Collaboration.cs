namespace MLNet.FineTune.SelfTraining;

/// <summary>What several predictions of the same texts agree on.</summary>
internal static class Collaboration
{
    /// <summary>The mean of predictions, each mixed with what neighbours say.</summary>
    /// <param name="predictions">The predictions.</param>
    /// <param name="neighbors">What neighbours say.</param>
    /// <param name="weight">The share of the neighbours.</param>
    public static PseudoLabels Mean(IReadOnlyList<PseudoLabels> predictions, PseudoLabels neighbors, double weight)
    {
        var mean = new float[neighbors.Probabilities.Length];
        for (int i = 0; i < mean.Length; i++)
            mean[i] = (float)((1 - weight) * predictions.Average(prediction => prediction.Probabilities[i]) + weight * neighbors.Probabilities[i]);
        return new PseudoLabels(mean, neighbors.ClassCount);
    }

    /// <summary>The texts to learn from: those that all predictions take for the same class, and of the others the share whose mean prediction has the lowest entropy.</summary>
    /// <param name="predictions">The predictions, each mixed with what neighbours say.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="disputedShare">That share.</param>
    /// <returns>The texts, ascending.</returns>
    public static int[] Select(IReadOnlyList<PseudoLabels> predictions, PseudoLabels mean, double disputedShare)
    {
        ILookup<bool, int> rows = Enumerable.Range(0, mean.Count).ToLookup(row => predictions.Skip(1).All(prediction => prediction.Label(row) == predictions[0].Label(row)));
        int[] disputed = [.. rows[false].OrderBy(mean.Entropy).ThenBy(row => row)];
        return [.. rows[true].Concat(disputed.Take((int)(disputedShare * disputed.Length))).Order()];
    }
}
