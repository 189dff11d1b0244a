using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>
/// The update of one projection whose factors start as a part of the weight, W = scaling·B₀A₀ + rest. The weight is left as it is and
/// the start taken off: y + scaling·(dropout(x) Aᵀ Bᵀ − x A₀ᵀ B₀ᵀ).
/// </summary>
internal sealed class DecomposedLoraLinear : LoraLinear
{
    public DecomposedLoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout, LoraInitialization initialization)
        : base(linear, rank, scaling, dropout)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // Tensors without memory stand in where only shapes are checked.
        if (linear.Weight.device_type != DeviceType.META)
        {
            (Tensor a, Tensor b) = initialization == LoraInitialization.Pissa ? Principal(linear.Weight, rank, scaling) : Orthogonal(linear.Weight, rank);
            A.copy_(a);
            B.copy_(b);
        }
        StartA = RegisterState("start_A", A.detach().clone());
        StartB = RegisterState("start_B", B.detach().clone());
    }

    /// <summary>A₀, [rank, inputs].</summary>
    public Tensor StartA { get; }

    /// <summary>B₀, [outputs, rank].</summary>
    public Tensor StartB { get; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        ScalarType type = input.dtype;
        Tensor now = Project(Drop(input), As(A, type), As(B, type));
        Tensor start = Project(input, StartA.to(type), StartB.to(type));
        return output.Add((now - start).Mul(Scaling));
    }

    public override Tensor WeightDelta(Tensor weight) => (B.matmul(A) - StartB.matmul(StartA)).Mul(Scaling);

    private static Tensor Project(Tensor input, Tensor a, Tensor b) => nn.functional.linear(nn.functional.linear(input, a), b);

    private static (Tensor A, Tensor B) Principal(Tensor weight, int rank, double scaling)
    {
        (Tensor u, Tensor s, Tensor v) = linalg.svd(weight, fullMatrices: false);
        Tensor root = s.narrow(0, 0, rank).Div(scaling).sqrt();
        return (root.unsqueeze(1) * v.narrow(0, 0, rank), u.narrow(1, 0, rank) * root);
    }

    private static (Tensor A, Tensor B) Orthogonal(Tensor weight, int rank)
    {
        (Tensor q, Tensor r) = linalg.qr(weight);
        return (r.narrow(0, 0, rank), q.narrow(1, 0, rank));
    }
}
