using MLNet.FineTune.Encoders;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>Predicts from a text's embedding which token the text begins with. A layer of its own reads the embedding: which words there are, whatever their places, is told by another direction of it.</summary>
internal sealed class FirstWordHead(TransformerEncoder encoder) : VocabularyHead(nameof(FirstWordHead), encoder, project: true)
{
    /// <summary>The class that the loss leaves out.</summary>
    private const long None = -100;

    /// <returns>The mean over texts of the negative log-probability of the first token; a text without tokens counts nothing.</returns>
    public override Tensor Loss(Tensor embeddings, IReadOnlyList<int[]> texts, ScalarType computeType)
    {
        Tensor scores = LogProbabilities(embeddings, computeType);
        Tensor first = tensor([.. texts.Select(ids => ids.Length > 2 ? ids[1] : None)], device: scores.device);
        return functional.nll_loss(scores, first, reduction: Reduction.Sum).Div(texts.Count);
    }
}
