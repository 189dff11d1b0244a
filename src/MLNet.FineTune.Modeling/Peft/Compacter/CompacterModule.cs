using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>output + up(f(down(output))) with projections that are sums of Kronecker products.</summary>
internal sealed class CompacterModule : ResidualAdapter
{
    private readonly Activation _activation;

    public CompacterModule(Compacter options, KroneckerRule rule, EncoderConfig encoder) : base(nameof(CompacterModule))
    {
        _activation = options.Activation.ToActivation();
        int hidden = encoder.HiddenSize, size = options.SizeFor(hidden);
        Down = new KroneckerLinear(rule, hidden, size, options.Rank, encoder.Device);
        Up = new KroneckerLinear(rule, size, hidden, options.Rank, encoder.Device);
        Register("down", Down);
        Register("up", Up);
    }

    public KroneckerLinear Down { get; }

    public KroneckerLinear Up { get; }

    public override Tensor Adapt(Tensor input, Tensor output, LayerNorm norm) => output.Add(Up.Forward(_activation.Apply(Down.Forward(output))));
}
