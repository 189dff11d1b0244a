using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>A <see cref="VocabularyHead"/> on the embeddings of all texts, or of some spread evenly over the batch.</summary>
/// <param name="name">What the loss is called.</param>
/// <param name="head">The head.</param>
/// <param name="computeType">Of the product with the vocabulary.</param>
/// <param name="weight">The weight in the sum of losses.</param>
/// <param name="maxTexts">Most texts; null for all.</param>
internal sealed class VocabularyLoss(string name, VocabularyHead head, ScalarType computeType, double weight, int? maxTexts) : IPretrainingLoss
{
    public string Name => name;

    public double Weight => weight;

    public nn.Module? Module => head;

    public Tensor Compute(EncodedBatch batch)
    {
        int count = batch.Texts.Length;
        if (maxTexts is not { } most || most >= count)
            return head.Loss(batch.Embeddings, batch.Texts, computeType);
        long[] chosen = [.. Enumerable.Range(0, most).Select(i => (long)i * count / most)];
        return head.Loss(batch.Embeddings.index_select(0, tensor(chosen, device: batch.Embeddings.device)), [.. chosen.Select(text => batch.Texts[text])], computeType);
    }
}
