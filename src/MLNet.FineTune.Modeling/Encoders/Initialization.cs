using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Fresh weights as BERT draws them: matrices from a normal distribution, biases zero, LayerNorm one.</summary>
internal static class Initialization
{
    public static void Normal(nn.Module module, double range)
    {
        using var _ = torch.no_grad();
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            if (parameter.dim() > 1)
                nn.init.normal_(parameter, 0, range);
            else if (name.EndsWith("norm.weight", StringComparison.Ordinal))
                nn.init.ones_(parameter);
            else
                nn.init.zeros_(parameter);
        }
    }
}
