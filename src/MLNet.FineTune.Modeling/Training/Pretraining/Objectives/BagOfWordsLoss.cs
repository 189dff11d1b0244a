using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary><see cref="BagOfWordsHead"/> on the embeddings of all texts.</summary>
internal sealed class BagOfWordsLoss(BagOfWordsHead head, ScalarType computeType, double weight) : IPretrainingLoss
{
    public string Name => "bag-of-words";

    public double Weight => weight;

    public nn.Module? Module => head;

    public Tensor Compute(EncodedBatch batch) => head.Loss(batch.Embeddings, batch.Texts, computeType);
}
