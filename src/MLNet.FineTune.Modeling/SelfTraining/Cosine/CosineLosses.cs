using MLNet.FineTune.Contrastive;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>The terms of COSINE's loss over the rows of a batch that are certain enough (Yu et al. 2021, arXiv 2010.07835).</summary>
internal static class CosineLosses
{
    /// <summary>The mean of ω · KL(ỹ ‖ f) over rows.</summary>
    /// <param name="logged">Log-probabilities ln f, [rows, classes].</param>
    /// <param name="targets">ỹ, [rows, classes].</param>
    /// <param name="weights">ω, [rows].</param>
    public static Tensor Classification(Tensor logged, Tensor targets, Tensor weights) =>
        ((targets.xlogy(targets) - targets * logged).sum(1L) * weights).mean();

    /// <summary>The mean of KL(u ‖ f) over rows, u the same probability for all classes: −ln C − 1/C · Σ_c ln f_c.</summary>
    /// <param name="logged">Log-probabilities ln f, [rows, classes].</param>
    public static Tensor Confidence(Tensor logged) => (-logged.mean()).Sub(Math.Log(logged.size(1)));

    /// <summary>Half the mean, over pairs of different rows, of d² for like ones and max(0, margin − d)² for others; zero for a single row.</summary>
    /// <remarks>d is the Euclidean distance over the root of the width, or one less the cosine.</remarks>
    /// <param name="embeddings">[rows, width].</param>
    /// <param name="labels">Most probable class of each row.</param>
    /// <param name="distance">The distance.</param>
    /// <param name="margin">How far apart unlike rows are pushed.</param>
    public static Tensor Contrast(Tensor embeddings, int[] labels, EmbeddingDistance distance, double margin)
    {
        double n = labels.Length;
        if (n < 2)
            return embeddings.sum().Mul(0);
        Tensor classes = tensor(labels, device: embeddings.device);
        Tensor like = classes.unsqueeze(1).eq(classes).to(embeddings.dtype);
        Tensor distances = Distances.OfAll(embeddings, distance);
        if (distance == EmbeddingDistance.Euclidean)
            distances = distances.Div(Math.Sqrt(embeddings.size(1)));
        // Every pair is there twice; a row and itself are alike, at no distance.
        return (like * distances.Square()).Add(like.Rsub(1) * distances.Rsub(margin).relu().Square()).sum().Div(2 * n * (n - 1));
    }
}
