using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Rotates the input of one projection, block by block: y = (x R) Wᵀ + b.</summary>
internal sealed class OftLinear : LinearAdapter
{
    private readonly int _size;
    private readonly int _count;
    private readonly int? _terms;
    private readonly double _dropout;
    private readonly Tensor _upper;

    /// <param name="linear">The projection.</param>
    /// <param name="size">Width of a block; divides that of the input.</param>
    /// <param name="options">The method.</param>
    public OftLinear(AdaptableLinear linear, int size, Oft options) : base(nameof(OftLinear))
    {
        (_size, _count, _terms, _dropout) = (size, linear.Inputs / size, options.NeumannTerms, options.ModuleDropout);
        Device device = linear.Weight.device;
        using (NewDisposeScope())
            _upper = triu_indices(size, size, 1)[0].Mul((long)size).Add(triu_indices(size, size, 1)[1]).to(device).DetachFromDisposeScope();
        register_buffer("upper", _upper);
        Skew = new Parameter(zeros(options.ShareBlocks ? 1 : _count, _upper.size(0), device: device));
        Register("oft_R.weight", Skew);
    }

    /// <summary>Q above the diagonal, row by row, [blocks, size·(size − 1)/2]; one block where all share it.</summary>
    public Parameter Skew { get; }

    public override bool Adds => false;

    public override Tensor AdaptInput(Tensor input)
    {
        Tensor blocks = input.reshape(-1, _count, _size).transpose(0, 1);
        return blocks.matmul(Kept(Rotations()).to(input.dtype)).transpose(0, 1).reshape(input.shape);
    }

    public override Tensor WeightDelta(Tensor weight)
    {
        Tensor blocks = weight.reshape(-1, _count, _size).transpose(0, 1);
        return blocks.matmul(Rotations().transpose(1, 2)).transpose(0, 1).reshape(weight.shape) - weight;
    }

    /// <summary>R of each block, [blocks, size, size]; one where all share it.</summary>
    public Tensor Rotations()
    {
        Tensor upper = zeros(Skew.size(0), (long)_size * _size, device: Skew.device).IndexAdd(1, _upper, Skew).view(-1, _size, _size);
        Tensor q = upper - upper.transpose(1, 2), identity = eye(_size, device: Skew.device);
        return _terms is { } terms ? Series(q, identity, terms) : linalg.solve(identity.Add(q), identity - q);
    }

    /// <summary>I + 2Q + 2Q² + …, the last term once where there is one of Q² or higher.</summary>
    private static Tensor Series(Tensor q, Tensor identity, int terms)
    {
        Tensor sum = identity.Add(q, alpha: 2);
        if (terms == 2)
            return sum;
        Tensor power = q.matmul(q);
        sum = sum.Add(power, alpha: 2);
        for (int term = 3; term < terms - 1; term++)
        {
            power = power.matmul(q);
            sum = sum.Add(power, alpha: 2);
        }
        return sum.Add(power.matmul(q));
    }

    /// <summary>With some blocks left as they are, while training.</summary>
    private Tensor Kept(Tensor rotations)
    {
        if (!training || _dropout == 0)
            return rotations;
        Tensor kept = rand(_count, 1, 1, device: rotations.device).Gt(_dropout).to(rotations.dtype);
        return rotations * kept - eye(_size, device: rotations.device) * kept.Sub(1);
    }
}
