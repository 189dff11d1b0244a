using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>Trains every weight of the encoder. The whole model is saved.</summary>
[PeftMethodName("full")]
public sealed record FullFineTuning : PeftMethod
{
    internal override double DefaultLearningRate => 5e-5;

    internal override bool ReplacesBase => true;

    internal override void Apply(PeftContext context) => context.Train(_ => true);
}
