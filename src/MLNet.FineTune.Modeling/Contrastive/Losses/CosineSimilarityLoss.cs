using MLNet.FineTune.Contrastive;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// The squared difference between the cosine of two embeddings and 1 for like texts, 0 for others: the loss SetFit trains with
/// (Reimers and Gurevych 2019, "Sentence-BERT", arXiv 1908.10084; Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055).
/// </summary>
[EmbeddingLossName("cosine")]
public sealed record CosineSimilarityLoss : PairLoss
{
    internal override Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights) =>
        LossMean.Weighted((Distances.Cosines(first, second) - alike).Square(), weights);
}
