using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Telly-K: the embeddings and the lowest K layers, which fine-tuning hardly changes, are frozen, and the layers above train (Shi
/// et al. 2023, "Towards Efficient Fine-tuning of Pre-trained Code Models: An Experimental Study and Beyond", arXiv 2304.05216).
/// </summary>
[PeftMethodName("telly")]
public sealed record Telly : PeftMethod
{
    /// <summary>K, how many of the lowest layers are frozen beside the embeddings; with 0 the embeddings alone.</summary>
    /// <value>Null: five twelfths of the layers, rounded down: Telly-5 for the encoders of 12 layers that the paper has. It measures every K from 0 to 11. At least 0.</value>
    public int? FrozenLayers { get; set; }

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => new FullFineTuning().DefaultLearningRateFor(encoder);

    internal override void Validate()
    {
        if (FrozenLayers < 0)
            throw new ArgumentException($"{nameof(Telly)}.{nameof(FrozenLayers)} is {FrozenLayers}; expected null or at least 0.");
    }

    internal override void Apply(PeftContext context)
    {
        EncoderConfig config = context.Encoder.Config;
        int frozen = FrozenLayers ?? config.PhysicalLayerCount * 5 / 12 * (config.LayerCount / config.PhysicalLayerCount);
        if (frozen >= config.LayerCount)
            throw new ArgumentException($"{nameof(Telly)}.{nameof(FrozenLayers)} is {frozen}; expected below {config.LayerCount}, the layers that the encoder has, so that one trains ({nameof(HeadOnly)} trains none).");
        LayerRange.TrainFrom(context, frozen, nameof(Telly));
    }
}
