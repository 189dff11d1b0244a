using MLNet.FineTune.Encoders;

namespace MLNet.FineTune;

/// <summary>The nonlinearity of an adapter.</summary>
public enum AdapterActivation
{
    /// <summary>Rectified linear unit.</summary>
    Relu,

    /// <summary>Gaussian error linear unit, exact.</summary>
    Gelu,

    /// <summary>Sigmoid linear unit, "swish".</summary>
    Silu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>None: the adapter is a linear map of low rank.</summary>
    Identity,
}

internal static class AdapterActivations
{
    public static Activation ToActivation(this AdapterActivation activation) => activation switch
    {
        AdapterActivation.Relu => Activation.Relu,
        AdapterActivation.Gelu => Activation.Gelu,
        AdapterActivation.Silu => Activation.Silu,
        AdapterActivation.Tanh => Activation.Tanh,
        AdapterActivation.Identity => Activation.Identity,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, null),
    };
}
