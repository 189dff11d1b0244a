using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module placed at a linear projection; it may change the projection's input, weight and output.</summary>
internal abstract class LinearAdapter(string name) : Part(name)
{
    /// <summary>Whether it takes part; off, the projection is the base's.</summary>
    public bool Active { get; set; } = true;

    /// <param name="input">[…, inputs].</param>
    public virtual Tensor AdaptInput(Tensor input) => input;

    /// <param name="weight">[outputs, inputs], in the compute type.</param>
    public virtual Tensor AdaptWeight(Tensor weight) => weight;

    /// <param name="input">[…, inputs], as the projection took it.</param>
    /// <param name="output">[…, outputs].</param>
    public virtual Tensor AdaptOutput(Tensor input, Tensor output) => output;

    /// <summary>What to add to the base weight so that the projection alone gives the same, [outputs, inputs]; null where that cannot be.</summary>
    public virtual Tensor? WeightDelta() => null;
}
