using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>An update of one projection as a weighted sum of matrices of rank one, Σ αⱼ bⱼ aⱼᵀ, whose weights are positive and add up to one.</summary>
internal sealed class SelectedLoraLinear : LoraLinear
{
    /// <summary>The weights start nearly equal.</summary>
    private const double InitialDeviation = 1e-3;

    public SelectedLoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout) : base(linear, rank, scaling, dropout)
    {
        Selection = new Parameter(nn.init.normal_(zeros(rank, device: linear.Weight.device), 0, InitialDeviation));
        Register("selection", Selection);
    }

    /// <summary>Logits of the weights, [rank].</summary>
    public Parameter Selection { get; }

    /// <summary>The weights α, [rank].</summary>
    public Tensor Weights => nn.functional.softmax(Selection, 0);

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        Tensor low = nn.functional.linear(Drop(input), As(A, input.dtype)) * Weights.Mul(Scaling).to(input.dtype);
        return output.view(-1, output.size(-1)).addmm(low.view(-1, low.size(-1)), As(B, input.dtype).t()).view_as(output);
    }

    public override Tensor WeightDelta(Tensor weight) => (B * Weights).matmul(A).Mul(Scaling);
}
