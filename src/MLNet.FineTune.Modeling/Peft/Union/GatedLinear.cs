using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>y + g · (y′ − y), where y′ is the projection with the module and g the gate of the projection's input.</summary>
internal sealed class GatedLinear : LinearAdapter
{
    private readonly LinearAdapter _module;
    private readonly AdaptableLinear _linear;
    private readonly Gate _gate;

    public GatedLinear(LinearAdapter module, AdaptableLinear linear) : base(nameof(GatedLinear))
    {
        (_module, _linear, _gate) = (module, linear, new Gate(linear.Inputs, linear.Weight.device));
        Register("gate", _gate);
    }

    public override bool MixesTokens => true; // the gate is a mean over the text

    public override bool Active { get => _module.Active; set => _module.Active = value; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        (Tensor weight, Tensor bias) = _linear.As(input.dtype);
        Tensor x = _module.AdaptInput(input), w = _module.AdaptWeight(weight);
        bool outputOnly = ReferenceEquals(x, input) && ReferenceEquals(w, weight);
        Tensor before = outputOnly ? output : nn.functional.linear(input, weight, bias);
        Tensor after = _module.AdaptOutput(x, outputOnly ? output.clone() : nn.functional.linear(x, w, bias));
        return output.Add(_gate.Forward(input) * (after - before));
    }
}
