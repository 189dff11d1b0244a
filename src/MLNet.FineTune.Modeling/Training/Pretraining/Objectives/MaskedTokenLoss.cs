using MLNet.FineTune.Heads;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>The mean cross-entropy of the hidden tokens (Devlin et al. 2018, arXiv 1810.04805).</summary>
internal sealed class MaskedTokenLoss(MaskedLanguageModelHead predictor, double weight) : IPretrainingLoss
{
    public string Name => "mlm";

    public double Weight => weight;

    public Tensor Compute(EncodedBatch batch)
    {
        var hidden = new List<Tensor>();
        var ids = new List<long>();
        foreach (EncodedStretch stretch in batch.Stretches)
        {
            var places = new List<long>();
            for (int row = 0; row < stretch.Texts.Length; row++)
                foreach ((int position, int id) in stretch.Texts[row] < batch.AnchorCount ? batch.Targets[stretch.Texts[row]] : [])
                {
                    places.Add(row * stretch.Input.Length + position);
                    ids.Add(id);
                }
            if (places.Count > 0)
                hidden.Add(stretch.Output.Tokens.flatten(0, 1).index_select(0, tensor(places.ToArray(), device: stretch.Output.LastHidden.device)));
        }
        // Texts of unknown words alone have nothing to predict: no loss, but one that can be derived.
        return hidden.Count == 0
            ? predictor.Bias.sum().Mul(0)
            : functional.cross_entropy(predictor.Predict(cat(hidden)), tensor(ids.ToArray(), device: hidden[0].device));
    }
}
