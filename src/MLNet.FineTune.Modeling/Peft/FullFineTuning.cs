using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>Trains every weight of the encoder. The whole model is saved.</summary>
[PeftMethodName("full")]
public sealed record FullFineTuning : PeftMethod
{
    /// <summary>Weights of the layers of BERT-base, for which the rate is meant.</summary>
    private const double UsualSize = 12 * (4.0 * 768 * 768 + 2.0 * 768 * 3072);

    /// <summary>A small encoder needs a higher rate, yet never one that random weights would not stand.</summary>
    private const double Highest = 5e-4;

    internal override double DefaultLearningRate => 5e-5;

    /// <summary>Rises with the root of how much smaller the encoder is: 3e-4 for 4 layers of 256, as small BERTs are fine-tuned (Turc et al. 2019, arXiv 1908.08962).</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder)
    {
        double size = encoder.LayerCount * (4.0 * encoder.HiddenSize * encoder.HiddenSize + 2.0 * encoder.HiddenSize * encoder.IntermediateSize);
        return Math.Clamp(DefaultLearningRate * Math.Sqrt(UsualSize / Math.Max(size, 1)), DefaultLearningRate, Highest);
    }

    internal override bool ReplacesBase => true;

    internal override void Apply(PeftContext context) => context.Train(_ => true);
}
