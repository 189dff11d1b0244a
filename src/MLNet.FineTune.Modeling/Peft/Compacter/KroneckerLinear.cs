using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>y = x W + b with W = Σ Aᵢ ⊗ (sᵢ tᵢ): the "low-rank parameterised hypercomplex multiplication" layer (arXiv 2106.04647, section 3.2).</summary>
internal sealed class KroneckerLinear : Part
{
    private readonly KroneckerRule _rule;

    public KroneckerLinear(KroneckerRule rule, int inputs, int outputs, int rank, Device device) : base(nameof(KroneckerLinear))
    {
        _rule = rule;
        long n = rule.A.size(0);
        S = new Parameter(Glorot(n, inputs / n, rank, device));
        T = new Parameter(Glorot(n, rank, outputs / n, device));
        Bias = new Parameter(zeros(outputs, device: device));
        Register("s", S);
        Register("t", T);
        Register("bias", Bias);
    }

    /// <summary>[n, inputs/n, rank].</summary>
    public Parameter S { get; }

    /// <summary>[n, rank, outputs/n].</summary>
    public Parameter T { get; }

    /// <summary>[outputs].</summary>
    public Parameter Bias { get; }

    /// <param name="input">[…, inputs].</param>
    /// <returns>[…, outputs].</returns>
    public Tensor Forward(Tensor input)
    {
        ScalarType type = input.dtype;
        return input.matmul(Weight().to(type)).Add(Bias.to(type));
    }

    /// <summary>W, [inputs, outputs].</summary>
    public Tensor Weight()
    {
        Tensor b = S.matmul(T); // [n, inputs/n, outputs/n]
        long n = b.size(0);
        return einsum("iab,icd->acbd", _rule.A, b).reshape(n * b.size(1), n * b.size(2));
    }

    /// <summary>Each of the matrices uniform within ±√(6 / (rows + columns)) (Glorot and Bengio 2010).</summary>
    private static Tensor Glorot(long count, long rows, long columns, Device device)
    {
        double bound = Math.Sqrt(6.0 / (rows + columns));
        return zeros(count, rows, columns, device: device).uniform_(-bound, bound);
    }
}
