using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>Layer normalisation whose sums and parameters stay float32 whatever the type of its input.</summary>
internal sealed class LayerNorm : Part
{
    private readonly double _epsilon;
    private readonly long[] _shape;

    public LayerNorm(int size, double epsilon, Device device) : base(nameof(LayerNorm))
    {
        _epsilon = epsilon;
        _shape = [size];
        Weight = new Parameter(torch.ones(size, device: device));
        Bias = new Parameter(torch.zeros(size, device: device));
        Register("weight", Weight);
        Register("bias", Bias);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    public Tensor Forward(Tensor input)
    {
        // The CPU kernel takes a bfloat16 input with float32 parameters; other devices want one type.
        if (input.dtype == ScalarType.Float32 || input.device_type == DeviceType.CPU)
            return functional.layer_norm(input, _shape, Weight, Bias, _epsilon);
        return functional.layer_norm(input.to(ScalarType.Float32), _shape, Weight, Bias, _epsilon).to(input.dtype);
    }
}
