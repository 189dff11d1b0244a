using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection, ΔW = scaling · W₁ ⊗ W₂, which is never formed: with the input as a matrix X, x ΔWᵀ is scaling · W₁ X W₂ᵀ.</summary>
internal sealed class LoKrLinear : LycorisLinear
{
    private readonly double _scaling;
    private readonly KroneckerSizes _sizes;
    private readonly Parameter[] _first;
    private readonly Parameter[] _second;

    public LoKrLinear(AdaptableLinear linear, LoKr options) : base(nameof(LoKrLinear), options.RankDropout, options.ModuleDropout)
    {
        _scaling = options.Alpha / options.Rank;
        _sizes = KroneckerSizes.Of(linear.Outputs, linear.Inputs, options.DecomposeFactor);
        Device device = linear.Weight.device;
        int rank = options.Rank;
        _first = options.DecomposeBoth && _sizes.FirstHasRank(rank)
            ? [Factor("lokr_w1_a", Zeros(_sizes.Outputs.First, rank)), Factor("lokr_w1_b", Uniform(rank, _sizes.Inputs.First))]
            : [Factor("lokr_w1", Zeros(_sizes.Outputs.First, _sizes.Inputs.First))];
        _second = _sizes.SecondHasRank(rank)
            ? [Factor("lokr_w2_a", Uniform(_sizes.Outputs.Second, rank)), Factor("lokr_w2_b", Uniform(rank, _sizes.Inputs.Second))]
            : [Factor("lokr_w2", Uniform(_sizes.Outputs.Second, _sizes.Inputs.Second))];

        Tensor Zeros(int rows, int columns) => zeros(rows, columns, device: device);

        Tensor Uniform(int rows, int columns) => nn.init.kaiming_uniform_(Zeros(rows, columns), Math.Sqrt(5));
    }

    /// <summary>W₁, [outputs.First, inputs.First]: itself, or two factors.</summary>
    public IReadOnlyList<Parameter> First => _first;

    /// <summary>W₂, [outputs.Second, inputs.Second]: itself, or two factors.</summary>
    public IReadOnlyList<Parameter> Second => _second;

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        if (Skipped())
            return output;
        ScalarType type = input.dtype;
        Tensor x = input.reshape(-1, _sizes.Inputs.First, _sizes.Inputs.Second);
        Tensor second = Product(x, _second, type).transpose(1, 2); // [vectors, outputs.Second, inputs.First]
        Tensor update = Product(second, _first, type).transpose(1, 2).reshape(output.shape);
        return output.Add(RowMask(output.size(-1), output.device) is { } mask ? update * mask.to(type) : update, _scaling);
    }

    public override Tensor WeightDelta(Tensor weight) => kron(Whole(_first).Mul(_scaling), Whole(_second));

    private static Tensor Whole(Parameter[] factors) => factors.Length == 1 ? factors[0] : factors[0].matmul(factors[1]);

    /// <summary>x Wᵀ, by the last factor first.</summary>
    private static Tensor Product(Tensor x, Parameter[] factors, ScalarType type)
    {
        for (int i = factors.Length - 1; i >= 0; i--)
            x = nn.functional.linear(x, As(factors[i], type));
        return x;
    }

    private Parameter Factor(string name, Tensor start)
    {
        var parameter = new Parameter(start);
        Register(name, parameter);
        return parameter;
    }
}
