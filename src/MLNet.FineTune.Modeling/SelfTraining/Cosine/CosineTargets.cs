namespace MLNet.FineTune.SelfTraining;

/// <summary>The pseudo-labels of COSINE and what each counts (Yu et al. 2021, arXiv 2010.07835).</summary>
/// <remarks>
/// The paper takes the class frequencies of a batch, which is drawn at random; here they are those of all texts, of which a random batch has a sample. The texts of a batch are of similar length,
/// and where long texts are of other classes than short ones, a batch's own frequencies would turn the labels round.
/// </remarks>
/// <param name="Labels">ỹ of all texts.</param>
/// <param name="Weights">ω = 1 − H(ỹ) / ln C of each: 1 for certainty, 0 for no idea.</param>
internal sealed record CosineTargets(PseudoLabels Labels, float[] Weights)
{
    /// <summary>Makes the targets of predictions.</summary>
    /// <param name="predictions">What the model takes all texts for.</param>
    /// <param name="power">See <see cref="Sharpen"/>.</param>
    public static CosineTargets Of(PseudoLabels predictions, double power) =>
        FromLabels(new PseudoLabels(Sharpen(predictions.Probabilities, predictions.ClassCount, power), predictions.ClassCount));

    /// <summary>Targets whose <see cref="Labels"/> are known.</summary>
    public static CosineTargets FromLabels(PseudoLabels labels) => new(labels, [.. Enumerable.Range(0, labels.Count).Select(row => (float)Math.Max(0, 1 - labels.Entropy(row)))]);

    /// <summary>Those of some texts whose weight is above a threshold.</summary>
    public int[] Certain(IEnumerable<int> rows, double threshold) => [.. rows.Where(row => Weights[row] > threshold)];

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
}
