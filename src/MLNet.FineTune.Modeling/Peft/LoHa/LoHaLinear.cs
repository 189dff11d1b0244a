using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection: ΔW = scaling · (A₁B₁) ∘ (A₂B₂), which is formed whole.</summary>
internal sealed class LoHaLinear : LycorisLinear
{
    private readonly double _scaling;

    public LoHaLinear(AdaptableLinear linear, LoHa options) : base(nameof(LoHaLinear), options.RankDropout, options.ModuleDropout)
    {
        _scaling = options.Alpha / options.Rank;
        Device device = linear.Weight.device;
        FirstA = new Parameter(Uniform(linear.Outputs, options.Rank));
        FirstB = new Parameter(Uniform(options.Rank, linear.Inputs));
        SecondA = new Parameter(Uniform(linear.Outputs, options.Rank));
        SecondB = new Parameter(zeros(options.Rank, linear.Inputs, device: device));
        Register("hada_w1_a", FirstA);
        Register("hada_w1_b", FirstB);
        Register("hada_w2_a", SecondA);
        Register("hada_w2_b", SecondB);

        Tensor Uniform(int rows, int columns) => nn.init.kaiming_uniform_(zeros(rows, columns, device: device), Math.Sqrt(5));
    }

    /// <summary>A₁, [outputs, rank].</summary>
    public Parameter FirstA { get; }

    /// <summary>B₁, [rank, inputs].</summary>
    public Parameter FirstB { get; }

    /// <summary>A₂, [outputs, rank].</summary>
    public Parameter SecondA { get; }

    /// <summary>B₂, [rank, inputs].</summary>
    public Parameter SecondB { get; }

    /// <summary>In float32 the update is added to the weight, which spares a product; in shorter types a small one would vanish there.</summary>
    public override Tensor AdaptWeight(Tensor weight) => InWeight(weight.dtype) && !Skipped() ? weight.Add(Thinned(weight)) : weight;

    public override Tensor AdaptOutput(Tensor input, Tensor output) =>
        InWeight(input.dtype) || Skipped() ? output : output.Add(nn.functional.linear(input, Thinned(output).to(input.dtype)));

    public override Tensor WeightDelta(Tensor weight) => FirstA.Mul(_scaling).matmul(FirstB) * SecondA.matmul(SecondB);

    private static bool InWeight(ScalarType type) => type == ScalarType.Float32;

    private Tensor Thinned(Tensor at)
    {
        Tensor delta = WeightDelta(at);
        return RowMask(delta.size(0), delta.device) is { } mask ? delta * mask.unsqueeze(1) : delta;
    }
}
