using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary><see cref="InBatchContrast"/> between the embeddings of anchors and positives.</summary>
internal sealed class InBatchContrastiveLoss(double temperature, double weight) : IPretrainingLoss
{
    public string Name => "contrastive";

    public double Weight => weight;

    public Tensor Compute(EncodedBatch batch)
    {
        Tensor embeddings = batch.Embeddings;
        int pairs = batch.AnchorCount;
        Tensor? alike = InBatchContrast.Alike(batch.Texts[..pairs], batch.Texts[pairs..]) is { } marks ? tensor(marks, device: embeddings.device) : null;
        return InBatchContrast.Loss(embeddings.narrow(0, 0, pairs), embeddings.narrow(0, pairs, pairs), temperature, alike);
    }
}
