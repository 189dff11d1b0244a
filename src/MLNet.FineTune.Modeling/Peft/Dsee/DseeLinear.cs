using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection, low rank plus sparse, on a weight of which a part may be set to zero: W ⊙ mask + scaling·B·A + S.</summary>
internal sealed class DseeLinear : LoraLinear
{
    /// <summary>Below every magnitude: nothing is pruned.</summary>
    private const float NoThreshold = -1;

    private readonly AdaptableLinear _linear;
    private readonly PruningPattern? _pattern;
    private readonly Tensor _positions;
    private readonly Tensor _threshold;
    private Tensor _rows;
    private Tensor _columns;
    private Tensor? _mask;
    private bool _pruned;

    /// <param name="linear">The projection.</param>
    /// <param name="rank">Rank of the low-rank part.</param>
    /// <param name="scaling">Its scale.</param>
    /// <param name="dropout">Dropout on its input.</param>
    /// <param name="sparseCount">Numbers in the sparse part; at most as many as the weight has.</param>
    /// <param name="pattern">What pruning takes away; null where nothing is pruned.</param>
    public DseeLinear(AdaptableLinear linear, int rank, double scaling, double dropout, int sparseCount, PruningPattern? pattern) : base(linear, rank, scaling, dropout)
    {
        (_linear, _pattern) = (linear, pattern);
        using var scope = NewDisposeScope();
        Device device = linear.Weight.device;
        sparseCount = Math.Min(sparseCount, linear.Inputs * linear.Outputs);
        // Tensors without memory stand in where only shapes are checked.
        Tensor support = linear.Weight.device_type == DeviceType.META ? zeros(sparseCount, ScalarType.Int64, device: device) : SparseDecomposition.Support(linear.Weight, rank, sparseCount);
        _rows = support.FloorDivide(linear.Inputs).to(ScalarType.Int64).DetachFromDisposeScope();
        _columns = support.Remainder(linear.Inputs).DetachFromDisposeScope();
        _positions = RegisterState("sparse_positions", stack([_rows, _columns]).to(ScalarType.Float32));
        _threshold = RegisterState("prune_threshold", zeros(1, device: device).Fill_(NoThreshold));
        if (pattern is not null)
            _mask = ones(linear.Outputs, pattern == PruningPattern.OutputUnits ? 1 : linear.Inputs, device: device).DetachFromDisposeScope();
        Sparse = new Parameter(zeros(sparseCount, device: device));
        Register("sparse_values", Sparse);
    }

    /// <summary>The numbers of S, [count].</summary>
    public Parameter Sparse { get; }

    /// <summary>Where they are: row and column, int64 [count] each.</summary>
    public (Tensor Rows, Tensor Columns) Positions => (_rows, _columns);

    /// <summary>What pruning compares with its threshold: the magnitude of each weight, [outputs, inputs], or of each row, [outputs, 1].</summary>
    public Tensor Magnitudes() => _pattern == PruningPattern.OutputUnits ? _linear.Weight.detach().Square().sum(1, keepdim: true).sqrt() : _linear.Weight.detach().abs();

    /// <summary>Sets to zero what is not above a magnitude.</summary>
    public void Prune(float threshold)
    {
        using var _ = no_grad();
        _threshold.Fill_(threshold);
        UpdateMask();
    }

    /// <summary>The threshold of <see cref="Prune"/>; negative before.</summary>
    public float Threshold => _threshold.item<float>();

    /// <summary>The share of the weights that is zero.</summary>
    public double PrunedShare => Pruned is { } mask ? 1 - mask.mean().item<float>() : 0;

    /// <summary>A mask takes away what another module adds to the weight.</summary>
    public override bool Adds => !_pruned;

    public override Tensor AdaptWeight(Tensor weight) => Pruned is { } mask ? weight * mask.to(weight.dtype) : weight;

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        Tensor terms = input.index_select(-1, _columns) * As(Sparse, input.dtype);
        return base.AdaptOutput(input, output).IndexAdd(-1, _rows, terms.to(output.dtype));
    }

    public override Tensor WeightDelta(Tensor weight)
    {
        Tensor delta = base.WeightDelta(weight)!.index_put_(Sparse, [TensorIndex.Tensor(_rows), TensorIndex.Tensor(_columns)], accumulate: true);
        return Pruned is { } mask ? delta.Add(weight * mask.Sub(1)) : delta;
    }

    public override void CheckLoaded()
    {
        using var scope = NewDisposeScope();
        float[] positions = [.. _positions.cpu().flatten().data<float>()];
        int count = positions.Length / 2;
        for (int i = 0; i < positions.Length; i++)
            if (!(positions[i] >= 0 && positions[i] < (i < count ? _linear.Outputs : _linear.Inputs)) || !float.IsInteger(positions[i]))
                throw new InvalidDataException($"The adapter's 'sparse_positions' hold {positions[i]}; expected whole numbers inside a weight of [{_linear.Outputs}, {_linear.Inputs}].");
        Tensor indices = _positions.to(ScalarType.Int64);
        Replace(ref _rows, indices[0].clone());
        Replace(ref _columns, indices[1].clone());
        if (float.IsNaN(Threshold))
            throw new InvalidDataException("The adapter's 'prune_threshold' is not a number.");
        UpdateMask();
    }

    /// <summary>The mask where it is in force.</summary>
    private Tensor? Pruned => _pruned ? _mask : null;

    private void UpdateMask()
    {
        _pruned = Threshold >= 0;
        if (!_pruned)
            return;
        using var scope = NewDisposeScope();
        Tensor mask = Magnitudes().gt(_threshold).to(ScalarType.Float32);
        _mask ??= ones_like(mask).DetachFromDisposeScope();
        _mask.copy_(mask);
    }

    private static void Replace(ref Tensor held, Tensor value)
    {
        held.Dispose();
        held = value.DetachFromDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rows.Dispose();
            _columns.Dispose();
            _mask?.Dispose();
        }
        base.Dispose(disposing);
    }
}
