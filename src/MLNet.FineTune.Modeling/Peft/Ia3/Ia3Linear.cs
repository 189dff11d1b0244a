using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Scales every number of a projection's input or output by a factor of its own.</summary>
internal sealed class Ia3Linear : LinearAdapter
{
    private readonly bool _input;

    /// <param name="linear">The projection.</param>
    /// <param name="input">Whether its input is scaled, else its output.</param>
    public Ia3Linear(AdaptableLinear linear, bool input) : base(nameof(Ia3Linear))
    {
        _input = input;
        Factors = new Parameter(input ? ones(1, linear.Inputs, device: linear.Weight.device) : ones(linear.Outputs, 1, device: linear.Weight.device));
        Register("ia3_l", Factors);
    }

    /// <summary>[1, inputs] or [outputs, 1].</summary>
    public Parameter Factors { get; }

    /// <summary>Whether the input is scaled, else the output.</summary>
    public bool ScalesInput => _input;

    public override bool Adds => false;

    public override Tensor AdaptInput(Tensor input) => _input ? input * As(Factors, input.dtype).view(-1) : input;

    public override Tensor AdaptOutput(Tensor input, Tensor output) => _input ? output : output * As(Factors, output.dtype).view(-1);

    public override Tensor WeightDelta(Tensor weight) => weight * Factors.Sub(1);

    public override Tensor? BiasDelta(Tensor bias) => _input ? null : bias * Factors.Sub(1).view(-1);
}
