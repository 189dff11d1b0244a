using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection: y + b ∘ B (d ∘ A dropout(x)), with A and B cut to its width.</summary>
internal sealed class VeraLinear : LinearAdapter
{
    private readonly VeraProjections _shared;
    private readonly double _dropout;

    public VeraLinear(AdaptableLinear linear, VeraProjections shared, double initialD, double dropout) : base(nameof(VeraLinear))
    {
        (_shared, _dropout) = (shared, dropout);
        Device device = linear.Weight.device;
        VectorB = new Parameter(zeros(linear.Outputs, device: device));
        VectorD = new Parameter(ones(shared.A.size(0), device: device).Mul_(initialD));
        Register("vera_lambda_b", VectorB);
        Register("vera_lambda_d", VectorD);
    }

    /// <summary>b, [outputs].</summary>
    public Parameter VectorB { get; }

    /// <summary>d, [rank].</summary>
    public Parameter VectorD { get; }

    /// <summary>What is scaled are the activations and not the matrices, which then need no gradient.</summary>
    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        ScalarType type = input.dtype;
        Tensor x = training ? Dropout.Apply(input, _dropout) : input;
        Tensor low = nn.functional.linear(x, A(input.size(-1)).to(type)) * As(VectorD, type);
        return output.Add(nn.functional.linear(low, B().to(type)) * As(VectorB, type));
    }

    public override Tensor WeightDelta(Tensor weight) => (B() * VectorB.unsqueeze(1)).matmul(A(weight.size(1)) * VectorD.unsqueeze(1));

    private Tensor A(long inputs) => _shared.A.narrow(1, 0, inputs);

    private Tensor B() => _shared.B.narrow(0, 0, VectorB.size(0));
}
