using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A trained linear layer inside a module, y = x Wᵀ + b, which computes in the type of its input. Its bias starts at zero.</summary>
internal sealed class Dense : Part
{
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="device">Where the weights are created.</param>
    /// <param name="deviation">Draws the weight from a normal distribution cut off at two deviations, zero for a weight of zero; null for PyTorch's own rule.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public Dense(int inputs, int outputs, Device device, double? deviation = null, bool bias = true) : base(nameof(Dense))
    {
        Tensor weight = zeros(outputs, inputs, device: device);
        if (deviation is null)
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        else if (deviation > 0)
            nn.init.trunc_normal_(weight, 0, deviation.Value, -2 * deviation.Value, 2 * deviation.Value);
        Weight = new Parameter(weight);
        Bias = bias ? new Parameter(zeros(outputs, device: device)) : null;
        Register("weight", Weight);
        Register("bias", Bias);
    }

    /// <summary>[outputs, inputs].</summary>
    public Parameter Weight { get; }

    /// <summary>[outputs]; null where it has none.</summary>
    public Parameter? Bias { get; }

    /// <param name="input">[…, inputs].</param>
    /// <returns>[…, outputs].</returns>
    public Tensor Forward(Tensor input)
    {
        ScalarType type = input.dtype;
        return type == ScalarType.Float32 ? nn.functional.linear(input, Weight, Bias) : nn.functional.linear(input, Weight.to(type), Bias?.to(type));
    }
}
