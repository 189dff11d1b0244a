using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>Trains every weight of the encoder. The whole model is saved.</summary>
[PeftMethodName("full")]
public sealed record FullFineTuning : PeftMethod
{
    /// <summary>A small encoder needs a higher rate, yet never one that random weights would not stand.</summary>
    private const double Highest = 5e-4;

    internal override double DefaultLearningRate => 5e-5;

    /// <summary>3e-4 for 4 layers of 256, for instance.</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder) => Math.Min(DefaultLearningRate * SizeFactor(encoder), Highest);

    internal override bool ReplacesBase => true;

    internal override void Apply(PeftContext context) => context.Train(_ => true);
}
