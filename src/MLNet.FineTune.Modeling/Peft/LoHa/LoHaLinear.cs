using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection: ΔW = scaling · (A₁B₁) ∘ (A₂B₂).</summary>
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

    protected override Tensor Change() => FirstA.Mul(_scaling).matmul(FirstB) * SecondA.matmul(SecondB);
}
