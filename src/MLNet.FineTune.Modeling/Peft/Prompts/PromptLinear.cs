using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Fresh linear layers of the networks that make prompts.</summary>
internal static class PromptLinear
{
    /// <summary>Weights and biases uniform up to 1/√inputs, as PyTorch draws them.</summary>
    public static AdaptableLinear Create(int inputs, int outputs, Device device)
    {
        var linear = new AdaptableLinear(TargetModules.None, null, inputs, outputs, device);
        using var _ = no_grad();
        double bound = 1 / Math.Sqrt(inputs);
        nn.init.uniform_(linear.Weight, -bound, bound);
        nn.init.uniform_(linear.Bias, -bound, bound);
        return linear;
    }
}
