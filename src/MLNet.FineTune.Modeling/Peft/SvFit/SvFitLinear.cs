using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Moves the largest singular values of one projection's weight: y + x V (Σ − Σ₀) Uᵀ. U and V follow from the weight and are not saved.</summary>
internal sealed class SvFitLinear : LinearAdapter
{
    /// <summary>How far singular values computed on another machine may lie off, relative to the largest.</summary>
    private const double Tolerance = 1e-3;

    private readonly string _path;
    private readonly Tensor _left;
    private readonly Tensor _right;
    private readonly Tensor _computed;
    private readonly Tensor _start;

    /// <param name="path">Where the projection is, for messages.</param>
    /// <param name="linear">The projection.</param>
    /// <param name="rank">How many singular values train; at most as many as there are.</param>
    public SvFitLinear(string path, AdaptableLinear linear, int rank) : base(nameof(SvFitLinear))
    {
        _path = path;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        rank = Math.Min(rank, Math.Min(linear.Inputs, linear.Outputs));
        (Tensor left, Tensor values, Tensor right) = Decompose(linear, rank);
        _left = Own("left", left);
        _right = Own("right", right);
        _computed = Own("computed", values);
        _start = RegisterState("start", values.clone());
        Values = new Parameter(values.clone());
        Register("singular_values", Values);
    }

    /// <summary>Σ, [rank].</summary>
    public Parameter Values { get; }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        ScalarType type = input.dtype;
        Tensor low = nn.functional.linear(input, _right.to(type)) * (Values - _start).to(type);
        return output.view(-1, output.size(-1)).addmm(low.view(-1, low.size(-1)), _left.to(type).t()).view_as(output);
    }

    public override Tensor WeightDelta(Tensor weight) => (_left * (Values - _start)).matmul(_right);

    public override void CheckLoaded()
    {
        using var scope = NewDisposeScope();
        float gap = (_start - _computed).abs().max().item<float>(), largest = _computed[0].item<float>();
        if (!(gap <= Tolerance * largest))
            throw new InvalidDataException($"The singular values of the weight at {_path} are not those the adapter was trained from (off by up to {gap}, where the largest is {largest}): it belongs to another encoder.");
    }

    private static (Tensor Left, Tensor Values, Tensor Right) Decompose(AdaptableLinear linear, int rank)
    {
        // Tensors without memory stand in where only shapes are checked.
        if (linear.Weight.device_type == DeviceType.META)
            return (zeros(linear.Outputs, rank, device: linear.Weight.device), zeros(rank, device: linear.Weight.device), zeros(rank, linear.Inputs, device: linear.Weight.device));
        (Tensor u, Tensor s, Tensor v) = linalg.svd(linear.Weight, fullMatrices: false);
        return (u.narrow(1, 0, rank).contiguous(), s.narrow(0, 0, rank), v.narrow(0, 0, rank));
    }

    private Tensor Own(string name, Tensor tensor)
    {
        tensor = tensor.clone().DetachFromDisposeScope();
        register_buffer(name, tensor);
        return tensor;
    }
}
