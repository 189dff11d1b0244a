using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>y + g · (y′ − y), where y′ is what the module makes of the sublayer's output y and g the gate of y.</summary>
internal sealed class GatedResidual : ResidualAdapter
{
    private readonly ResidualAdapter _module;
    private readonly Gate _gate;

    public GatedResidual(ResidualAdapter module, EncoderConfig encoder) : base(nameof(GatedResidual))
    {
        (_module, _gate) = (module, new Gate(encoder.HiddenSize, encoder.Device));
        Register("gate", _gate);
    }

    public override bool MixesTokens => true; // the gate is a mean over the text

    public override bool Active { get => _module.Active; set => _module.Active = value; }

    public override Tensor Adapt(Tensor input, Tensor output, LayerNorm norm) => output.Add(_gate.Forward(output) * (_module.Adapt(input, output, norm) - output));
}
