namespace MLNet.FineTune.SelfTraining;

/// <summary>The pseudo-labels of COSINE and what each counts (Yu et al. 2021, arXiv 2010.07835).</summary>
internal static class CosineTargets
{
    /// <summary>ỹ_ij ∝ p_ij^κ / f_j with f_j = Σ_i p_ij over the rows given, each row summing to one: confident predictions become more so, and frequent classes rarer (Xie et al. 2016, arXiv 1511.06335).</summary>
    /// <param name="probabilities">p, row-major [rows, classes].</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="power">κ.</param>
    /// <returns>ỹ, row-major [rows, classes].</returns>
    public static float[] Sharpen(ReadOnlySpan<float> probabilities, int classCount, double power)
    {
        var frequencies = new double[classCount];
        for (int i = 0; i < probabilities.Length; i++)
            frequencies[i % classCount] += probabilities[i];
        var sharp = new float[probabilities.Length];
        var row = new double[classCount];
        for (int start = 0; start < sharp.Length; start += classCount)
        {
            for (int j = 0; j < classCount; j++)
                row[j] = frequencies[j] > 0 ? Math.Pow(probabilities[start + j], power) / frequencies[j] : 0;
            double sum = row.Sum();
            for (int j = 0; j < classCount; j++)
                sharp[start + j] = (float)(row[j] / sum);
        }
        return sharp;
    }

    /// <summary>ω = 1 − H(ỹ) / ln C of each row: 1 for certainty, 0 for no idea.</summary>
    public static float[] Weigh(float[] targets, int classCount) =>
        [.. targets.Chunk(classCount).Select(row => (float)Math.Max(0, 1 - PseudoLabels.EntropyOf(row)))];
}
