using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A trained linear layer inside a module, y = x Wᵀ + b, which computes in the type of its input. It starts as PyTorch's does, with a bias of zero.</summary>
internal sealed class Dense : Part
{
    public Dense(int inputs, int outputs, Device device, bool bias = true) : base(nameof(Dense))
    {
        Tensor weight = zeros(outputs, inputs, device: device);
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
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

    /// <summary>Makes the layer give zero until it is trained.</summary>
    public Dense Zeroed()
    {
        using (no_grad())
            Weight.zero_();
        return this;
    }

    /// <summary>Draws the weight from a normal distribution cut off at two deviations.</summary>
    public Dense Normal(double deviation)
    {
        using (no_grad())
            nn.init.trunc_normal_(Weight, 0, deviation, -2 * deviation, 2 * deviation);
        return this;
    }
}
