using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>
/// The squared difference between the cosines of a student's embeddings and those of its teacher: how SetFit is distilled (Tunstall et al.
/// 2022, arXiv 2209.11055).
/// </summary>
internal static class SimilarityDistillationLoss
{
    /// <summary>The weighted mean over pairs, a scalar.</summary>
    /// <param name="first">The student's embeddings of the first texts, float32 [pairs, width].</param>
    /// <param name="second">Its embeddings of the second texts, as <paramref name="first"/>.</param>
    /// <param name="teacher">The teacher's cosines, float32 [pairs].</param>
    /// <param name="weights">The weights of the pairs, 0 or more, float32 [pairs]; null when all count the same.</param>
    public static Tensor Compute(Tensor first, Tensor second, Tensor teacher, Tensor? weights = null) =>
        LossMean.Weighted((Distances.Cosines(first, second) - teacher).Square(), weights);
}
