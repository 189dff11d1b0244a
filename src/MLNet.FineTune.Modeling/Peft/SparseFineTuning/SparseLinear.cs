using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A difference at a few places of a projection's weight and bias.</summary>
internal sealed class SparseLinear : LinearAdapter
{
    private readonly int _weightSize;
    private readonly int _size;
    private int _inWeight;

    /// <param name="linear">The projection.</param>
    /// <param name="positions">Ascending places, as <see cref="SparseSelection"/> counts them; one at least.</param>
    public SparseLinear(AdaptableLinear linear, int[] positions) : base(nameof(SparseLinear))
    {
        (_weightSize, _size) = (linear.Outputs * linear.Inputs, SparseSelection.Size(linear));
        _inWeight = positions.Count(place => place < _weightSize);
        Device device = linear.Weight.device;
        Positions = RegisterState("positions", tensor(positions, device: device));
        Values = new Parameter(zeros(positions.Length, device: device));
        Register("values", Values);
    }

    /// <summary>The places, int32 ascending.</summary>
    public Tensor Positions { get; }

    /// <summary>What is added there.</summary>
    public Parameter Values { get; }

    public override Tensor AdaptWeight(Tensor weight) => _inWeight == 0 ? weight : Add(weight.flatten(), 0, _inWeight, 0).view_as(weight);

    public override Tensor AdaptOutput(Tensor input, Tensor output) =>
        _inWeight == Values.numel() ? output : output.Add(Bias(zeros(output.size(-1), output.dtype, output.device)));

    public override Tensor WeightDelta(Tensor weight) => AdaptWeight(zeros_like(weight, requires_grad: false));

    public override Tensor? BiasDelta(Tensor bias) => _inWeight == Values.numel() ? null : Bias(zeros_like(bias, requires_grad: false));

    public override void CheckLoaded()
    {
        int[] places = Positions.cpu().data<int>().ToArray();
        for (int i = 0; i < places.Length; i++)
            if (places[i] >= _size || places[i] <= (i == 0 ? -1 : places[i - 1]))
                throw new InvalidDataException($"The places of sparse weights are damaged: place {i} is {places[i]}; expected ascending numbers from 0 to {_size - 1}.");
        _inWeight = places.Count(place => place < _weightSize);
    }

    private Tensor Bias(Tensor bias) => Add(bias, _inWeight, Values.numel() - _inWeight, _weightSize);

    private Tensor Add(Tensor flat, long first, long count, int offset)
    {
        Tensor places = Positions.narrow(0, first, count).to(ScalarType.Int64);
        return flat.IndexAdd(0, offset == 0 ? places : places.Sub(offset), As(Values, flat.dtype).narrow(0, first, count));
    }
}
