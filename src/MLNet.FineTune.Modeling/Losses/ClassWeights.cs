namespace MLNet.FineTune.Losses;

/// <summary>The weight of each class in the loss.</summary>
internal static class ClassWeights
{
    /// <summary>The weights that the options ask for; null when all classes count the same.</summary>
    /// <exception cref="ArgumentException">The options give another number of weights than there are classes.</exception>
    public static float[]? FromOptions(TrainingOptions options, int[] labels, int classCount)
    {
        Check(options, classCount);
        return options.ClassWeights ?? (options.ClassWeighting == ClassWeighting.Balanced ? Balanced(labels, classCount) : null);
    }

    /// <exception cref="ArgumentException">The options give another number of weights than there are classes.</exception>
    public static void Check(TrainingOptions options, int classCount)
    {
        if (options.ClassWeights is { } weights && weights.Length != classCount)
            throw new ArgumentException($"{nameof(TrainingOptions)}.{nameof(TrainingOptions.ClassWeights)} has {weights.Length} weights; expected {classCount}, one a class.", nameof(options));
    }

    /// <summary>rows / (classes present · rows of the class), so that every class present has the same total weight; 1 for a class without rows.</summary>
    public static float[] Balanced(int[] labels, int classCount)
    {
        var counts = new int[classCount];
        foreach (int label in labels)
            counts[label]++;
        int present = counts.Count(count => count > 0);
        return [.. counts.Select(count => count == 0 ? 1f : (float)((double)labels.Length / ((double)present * count)))];
    }
}
