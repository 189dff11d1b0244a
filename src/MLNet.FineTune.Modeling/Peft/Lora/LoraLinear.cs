using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection: y + scaling · dropout(x) Aᵀ Bᵀ.</summary>
internal sealed class LoraLinear : LinearAdapter
{
    private readonly double _scaling;
    private readonly double _dropout;

    public LoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout) : base(nameof(LoraLinear))
    {
        (_scaling, _dropout) = (scaling, dropout);
        Device device = linear.Weight.device;
        Tensor a = zeros(rank, linear.Inputs, device: device);
        nn.init.kaiming_uniform_(a, Math.Sqrt(5));
        A = new Parameter(a);
        B = new Parameter(zeros(linear.Outputs, rank, device: device));
        Register("lora_A.weight", A);
        Register("lora_B.weight", B);
    }

    /// <summary>[rank, inputs].</summary>
    public Parameter A { get; }

    /// <summary>[outputs, rank].</summary>
    public Parameter B { get; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        ScalarType type = input.dtype;
        Tensor x = training ? Dropout.Apply(input, _dropout) : input;
        Tensor low = nn.functional.linear(x, A.to(type)) * _scaling;
        // One product that adds to the output in passing.
        Tensor flat = output.view(-1, output.size(-1)).addmm(low.view(-1, low.size(-1)), B.to(type).t());
        return flat.view_as(output);
    }

    public override Tensor WeightDelta(Tensor weight) => B.matmul(A) * _scaling;
}
