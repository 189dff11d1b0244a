using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Universal parallel tuning: a small network beside a frozen encoder reads the hidden states of all layers, lets those of the last
/// attend to each of the others, weighs the layers by a learned confidence and gives what the head takes; nothing is
/// back-propagated through the encoder (Diao et al. 2023, "UniPT: Universal Parallel Tuning for Transfer Learning with Efficient
/// Parameter and Memory", arXiv 2308.14316).
/// </summary>
[PeftMethodName("unipt")]
public sealed record UniPt : PeftMethod
{
    private const int MaxReduction = 1 << 16;

    /// <summary>By how much the parallel network is narrower than the encoder.</summary>
    /// <value>2.</value>
    [Range(1, 16, init: 2, logBase: true)]
    public int ReductionFactor { get; set; } = 2;

    /// <summary>Whether the result is added to the last hidden states, and starts at zero, instead of taking their place as in the paper: training then starts from the base model.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool Residual { get; set; }

    internal override double DefaultLearningRate => 1e-3;

    /// <summary>The width of the parallel network beside an encoder of a given width.</summary>
    internal int SizeFor(int hidden) => Math.Max(1, hidden / ReductionFactor);

    internal override void Validate()
    {
        if (ReductionFactor is < 1 or > MaxReduction)
            throw new ArgumentException($"{nameof(UniPt)}.{nameof(ReductionFactor)} is {ReductionFactor}; expected 1 to {MaxReduction}.");
    }

    internal override void Apply(PeftContext context) => context.Place("unipt", context.Encoder.HiddenStatesSite, new UniPtModule(this, context.Encoder.Config));
}
