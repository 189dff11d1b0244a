using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The matrices Aᵢ that all adapters of a <see cref="Compacter"/> share, drawn from a normal distribution of deviation 0.01.</summary>
internal sealed class KroneckerRule : PeftModule
{
    private const double Deviation = 0.01;

    public KroneckerRule(int division, Device device) : base(nameof(KroneckerRule))
    {
        A = new Parameter(randn(division, division, division, device: device).Mul_(Deviation));
        Register("a", A);
    }

    /// <summary>[n, n, n]; the first dimension counts the matrices.</summary>
    public Parameter A { get; }
}
