using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>Activation functions by the names Hugging Face's <c>config.json</c> uses.</summary>
internal enum Activation { Gelu, GeluTanh, Relu, Silu, Tanh, Sigmoid, Identity }

internal static class Activations
{
    private static readonly Dictionary<string, Activation> ByName = new()
    {
        ["gelu"] = Activation.Gelu,
        ["gelu_python"] = Activation.Gelu,
        ["gelu_new"] = Activation.GeluTanh,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_fast"] = Activation.GeluTanh,
        ["relu"] = Activation.Relu,
        ["silu"] = Activation.Silu,
        ["swish"] = Activation.Silu,
        ["tanh"] = Activation.Tanh,
    };

    /// <summary>The activation of a name; <paramref name="where"/> says where the name stands.</summary>
    /// <exception cref="NotSupportedException">The name is none of the supported ones.</exception>
    public static Activation Parse(string name, string where) => ByName.TryGetValue(name, out Activation activation) ? activation
        : throw new NotSupportedException($"{where} is '{name}'; supported are {string.Join(", ", ByName.Keys)}.");

    public static Tensor Apply(this Activation activation, Tensor x) => activation switch
    {
        Activation.Gelu => functional.gelu(x),
        Activation.GeluTanh => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Relu => functional.relu(x),
        Activation.Silu => functional.silu(x),
        Activation.Tanh => x.tanh(),
        Activation.Sigmoid => x.sigmoid(),
        Activation.Identity => x,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, null),
    };
}
