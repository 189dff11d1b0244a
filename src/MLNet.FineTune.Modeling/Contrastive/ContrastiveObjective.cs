using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>Contrastive training on the texts of a step: each is encoded once, and all pairs are formed from the embeddings.</summary>
/// <param name="embed">The embeddings of some texts, float32 [texts, width], in their order.</param>
/// <param name="relation">Which texts are alike.</param>
/// <param name="plan">What each pair counts.</param>
/// <param name="loss">The loss.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class ContrastiveObjective(Func<int[], Tensor> embed, LabelRelation relation, PairPlan plan, EmbeddingLoss loss, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    public Tensor Loss(int[] texts)
    {
        Tensor embeddings = embed(texts);
        bool[] alike = relation.Alike(texts);
        Tensor value = loss switch
        {
            PairLoss pairs => OfPairs(pairs, embeddings, alike, plan.Weights(texts, alike)),
            BatchLoss batch => batch.Compute(embeddings, tensor(alike, device: embeddings.device).reshape(texts.Length, texts.Length)),
            _ => throw new ArgumentException($"{loss.GetType()} is neither a {nameof(PairLoss)} nor a {nameof(BatchLoss)}."),
        };
        return penalty?.Invoke() is { } term ? value.Add(term) : value;
    }

    private static Tensor OfPairs(PairLoss loss, Tensor embeddings, bool[] alike, float[] weights)
    {
        StepPairs pairs = StepPairs.Of(embeddings, weights);
        // Losses are weighted means; what the pairs of this step count in all is up to the plan.
        return loss.Compute(pairs.First, pairs.Second, tensor([.. pairs.Indices.Select(pair => alike[pair] ? 1f : 0f)], device: embeddings.device), pairs.Weights).Mul(pairs.Total);
    }
}
