using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>Predicts from a text's embedding which tokens the text has (Ma et al. 2024, arXiv 2401.11248).</summary>
internal sealed class BagOfWordsHead(TransformerEncoder encoder) : VocabularyHead(nameof(BagOfWordsHead), encoder, project: encoder.Config.EmbeddingSize != encoder.Config.HiddenSize)
{
    /// <returns>The mean over texts of the mean negative log-probability of the text's distinct tokens.</returns>
    public override Tensor Loss(Tensor embeddings, IReadOnlyList<int[]> texts, ScalarType computeType)
    {
        Tensor scores = LogProbabilities(embeddings, computeType);
        long vocabulary = scores.size(1);
        var places = new List<long>();
        var weights = new List<float>();
        for (int row = 0; row < texts.Count; row++)
        {
            int[] distinct = [.. texts[row][1..^1].Distinct()];
            places.AddRange(distinct.Select(id => row * vocabulary + id));
            weights.AddRange(Enumerable.Repeat(1f / distinct.Length, distinct.Length));
        }
        Tensor chosen = scores.flatten().index_select(0, tensor(places.ToArray(), device: scores.device));
        return -(chosen * tensor(weights.ToArray(), device: scores.device)).sum().Div(texts.Count);
    }
}
