using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection: y + scaling · dropout(x) Aᵀ Bᵀ.</summary>
internal class LoraLinear : LinearAdapter
{
    private readonly double _dropout;

    public LoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout, bool gaussian = false) : base(nameof(LoraLinear))
    {
        (Scaling, _dropout) = (scaling, dropout);
        Device device = linear.Weight.device;
        Tensor a = zeros(rank, linear.Inputs, device: device);
        if (gaussian)
            nn.init.normal_(a, 0, 1.0 / rank);
        else
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

    /// <summary>What B·A is multiplied by.</summary>
    public double Scaling { get; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        Tensor low = nn.functional.linear(Drop(input), As(A, input.dtype)).Mul(Scaling);
        // One product that adds to the output in passing.
        Tensor flat = output.view(-1, output.size(-1)).addmm(low.view(-1, low.size(-1)), As(B, input.dtype).t());
        return flat.view_as(output);
    }

    public override Tensor? WeightDelta(Tensor weight) => B.matmul(A).Mul(Scaling);

    /// <summary>The input of the update: with dropout while training.</summary>
    protected Tensor Drop(Tensor input) => training ? Dropout.Apply(input, _dropout) : input;
}
