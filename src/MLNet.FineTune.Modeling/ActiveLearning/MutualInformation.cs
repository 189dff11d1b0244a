using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.ActiveLearning;

/// <summary>How much of a model's doubt is its own: the entropy of the mean prediction less the mean entropy of the predictions (BALD, Houlsby et al. 2011, arXiv 1112.5745).</summary>
internal static class MutualInformation
{
    /// <param name="passes">What several samples of the model take the same texts for.</param>
    /// <returns>For each text, as a share of ln C.</returns>
    public static double[] Of(IReadOnlyList<PseudoLabels> passes)
    {
        int classes = passes[0].ClassCount;
        var information = new double[passes[0].Count];
        var mean = new float[classes];
        for (int row = 0; row < information.Length; row++)
        {
            Array.Clear(mean);
            foreach (PseudoLabels pass in passes)
                for (int i = 0; i < classes; i++)
                    mean[i] += pass[row][i] / passes.Count;
            information[row] = Math.Max(0, PseudoLabels.EntropyOf(mean) - passes.Average(pass => pass.Entropy(row)));
        }
        return information;
    }
}
