using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary><see cref="BagOfWordsHead"/> on the embeddings of all texts, or of some spread evenly over the batch.</summary>
internal sealed class BagOfWordsLoss(BagOfWordsHead head, ScalarType computeType, BagOfWordsPrediction options) : IPretrainingLoss
{
    public string Name => "bag-of-words";

    public double Weight => options.Weight;

    public nn.Module? Module => head;

    public Tensor Compute(EncodedBatch batch)
    {
        int count = batch.Texts.Length;
        if (options.MaxTexts is not { } most || most >= count)
            return head.Loss(batch.Embeddings, batch.Texts, computeType);
        long[] chosen = [.. Enumerable.Range(0, most).Select(i => (long)i * count / most)];
        return head.Loss(batch.Embeddings.index_select(0, tensor(chosen, device: batch.Embeddings.device)), [.. chosen.Select(text => batch.Texts[text])], computeType);
    }
}
