using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>Trains only the classification head on a frozen encoder ("linear probing" where the head is one layer): the fastest way, and the one that changes least.</summary>
[PeftMethodName("head")]
public sealed record HeadOnly : PeftMethod
{
    internal override double DefaultLearningRate => 1e-3;

    internal override void Apply(PeftContext context)
    {
        // The head trains with every method.
    }
}
