using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>The pairs that count in a step, formed from the embeddings of its texts.</summary>
/// <param name="Indices">Of each pair in the row-major matrix of all pairs, [n, n].</param>
/// <param name="First">The embeddings of the first texts, [pairs, width].</param>
/// <param name="Second">Of the second texts.</param>
/// <param name="Weights">What each pair counts, [pairs].</param>
/// <param name="Total">What they count in all.</param>
internal sealed record StepPairs(int[] Indices, Tensor First, Tensor Second, Tensor Weights, float Total)
{
    /// <param name="embeddings">[n, width].</param>
    /// <param name="weights">What each pair counts, row-major [n, n].</param>
    public static StepPairs Of(Tensor embeddings, float[] weights)
    {
        int n = (int)embeddings.size(0);
        int[] pairs = [.. Enumerable.Range(0, n * n).Where(pair => weights[pair] > 0)];
        Device device = embeddings.device;
        float[] counts = [.. pairs.Select(pair => weights[pair])];
        return new StepPairs(
            pairs,
            embeddings.index_select(0, tensor([.. pairs.Select(pair => (long)(pair / n))], device: device)),
            embeddings.index_select(0, tensor([.. pairs.Select(pair => (long)(pair % n))], device: device)),
            tensor(counts, device: device),
            counts.Sum());
    }
}
