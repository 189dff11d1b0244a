using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module placed at a linear projection; it may change the projection's input, weight and output.</summary>
internal abstract class LinearAdapter(string name) : PeftModule(name)
{
    /// <param name="input">[…, inputs].</param>
    public virtual Tensor AdaptInput(Tensor input) => input;

    /// <param name="weight">[outputs, inputs], in the compute type.</param>
    public virtual Tensor AdaptWeight(Tensor weight) => weight;

    /// <param name="input">[…, inputs], as the projection took it.</param>
    /// <param name="output">[…, outputs]; may be overwritten.</param>
    public virtual Tensor AdaptOutput(Tensor input, Tensor output) => output;

    /// <summary>Whether it adds to what the projection gives, whatever other modules do there; else it changes what they do.</summary>
    public virtual bool Adds => true;

    /// <summary>What to add to the base weight so that the projection alone gives the same, [outputs, inputs] in float32; null where that cannot be.</summary>
    /// <param name="weight">The base weight, [outputs, inputs].</param>
    public virtual Tensor? WeightDelta(Tensor weight) => null;

    /// <summary>What to add to the base bias besides, [outputs]; null for nothing.</summary>
    /// <param name="bias">The base bias, [outputs].</param>
    public virtual Tensor? BiasDelta(Tensor bias) => null;
}
