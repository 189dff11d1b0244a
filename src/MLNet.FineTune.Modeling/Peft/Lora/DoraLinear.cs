using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>
/// Weight-decomposed update of one projection: every row of W + scaling·B·A is brought to a trained length. The length it has is a
/// constant to the gradient (section 4.3 of the paper).
/// </summary>
internal sealed class DoraLinear : LoraLinear
{
    /// <summary>Below that a row counts as zero and stays so.</summary>
    private const double Smallest = 1e-12;

    private readonly AdaptableLinear _linear;

    public DoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout, bool gaussian) : base(linear, rank, scaling, dropout, gaussian)
    {
        _linear = linear;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Magnitude = new Parameter(Lengths(linear.Weight));
        Register("lora_magnitude_vector", Magnitude);
    }

    /// <summary>[outputs].</summary>
    public Parameter Magnitude { get; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        ScalarType type = input.dtype;
        Tensor scale = Scale(_linear.Weight);
        // Where others have added to the output, what the weight alone gives has to be computed again.
        Tensor projected = _linear.Site.Modules.Count(module => module.Active) == 1
            ? output - As(_linear.Bias, type)
            : nn.functional.linear(input, As(_linear.Weight, type));
        Tensor update = nn.functional.linear(nn.functional.linear(Drop(input), As(A, type)), As(B, type));
        return output.Add(projected * scale.Sub(1).to(type)).Add(update * scale.Mul(Scaling).to(type));
    }

    public override Tensor WeightDelta(Tensor weight) => weight.Add(B.matmul(A).Mul(Scaling)) * Scale(weight).unsqueeze(1) - weight;

    /// <summary>The trained length of each row over the length it has.</summary>
    private Tensor Scale(Tensor weight)
    {
        Tensor lengths;
        using (no_grad())
            lengths = Lengths(weight.Add(B.matmul(A).Mul(Scaling))).ClampMin(Smallest);
        return Magnitude / lengths;
    }

    private static Tensor Lengths(Tensor weight) => weight.Square().sum(1).sqrt();
}
