using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>How much of a module a text takes, between 0 and 1 (arXiv 2110.07577, section 3.2); about a half before training.</summary>
internal sealed class Gate : Part
{
    private readonly Dense _dense;

    public Gate(int width, Device device) : base(nameof(Gate))
    {
        _dense = new Dense(width, 1, device, deviation: 0.02);
        Register("dense", _dense);
    }

    /// <param name="hidden">[batch, length, width], or [batch, width] outside the layers.</param>
    /// <returns>[batch, 1, 1] or [batch, 1], in the type of <paramref name="hidden"/>.</returns>
    public Tensor Forward(Tensor hidden)
    {
        Tensor open = _dense.Forward(hidden).to(ScalarType.Float32).sigmoid();
        return (open.dim() < 3 ? open : TokenMask.Mean(open)).to(hidden.dtype);
    }
}
