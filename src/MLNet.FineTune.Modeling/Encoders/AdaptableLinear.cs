using MLNet.FineTune.Peft;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>A linear projection y = x Wᵀ + b that parameter-efficient methods can change at its input, weight and output.</summary>
/// <remarks>
/// It computes in the type of its input: with a bfloat16 input the weight is cast, in the graph while it trains, once and
/// kept while it is frozen.
/// </remarks>
internal sealed class AdaptableLinear : Part
{
    private FrozenCast? _weightCast;
    private FrozenCast? _biasCast;

    /// <param name="role">What the projection is for; <see cref="TargetModules.None"/> where no method may change it.</param>
    /// <param name="layer">Physical layer, or null outside the layers.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="device">Where the weights are created.</param>
    public AdaptableLinear(TargetModules role, int? layer, int inputs, int outputs, Device device) : base(nameof(AdaptableLinear))
    {
        (Role, Site) = (role, new Site<LinearAdapter>(layer));
        Weight = new Parameter(torch.zeros(outputs, inputs, device: device));
        Bias = new Parameter(torch.zeros(outputs, device: device));
        Register("weight", Weight);
        Register("bias", Bias);
    }

    public TargetModules Role { get; }

    /// <summary>[outputs, inputs].</summary>
    public Parameter Weight { get; }

    /// <summary>[outputs].</summary>
    public Parameter Bias { get; }

    /// <summary>Where adapters are placed.</summary>
    public Site<LinearAdapter> Site { get; }

    /// <summary>Physical layer, or null outside the layers.</summary>
    public int? Layer => Site.Layer;

    public int Inputs => (int)Weight.size(1);
    public int Outputs => (int)Weight.size(0);

    /// <summary>Must follow every change of the weight or bias from outside the training loop.</summary>
    public void WeightsChanged()
    {
        Interlocked.Exchange(ref _weightCast, null)?.Value.Dispose();
        Interlocked.Exchange(ref _biasCast, null)?.Value.Dispose();
    }

    /// <param name="input">[…, inputs].</param>
    /// <returns>[…, outputs].</returns>
    public Tensor Forward(Tensor input) => Forward(input, Site.Modules);

    /// <summary>The projection with some modules, wherever they are.</summary>
    /// <param name="input">[…, inputs].</param>
    /// <param name="adapters">The modules, in the order they apply; those that are off take no part.</param>
    /// <returns>[…, outputs].</returns>
    public Tensor Forward(Tensor input, IReadOnlyList<LinearAdapter> adapters)
    {
        ScalarType type = input.dtype;
        (Tensor weight, Tensor bias) = As(type);
        if (adapters.Count == 0)
            return functional.linear(input, weight, bias);

        Tensor x = input;
        foreach (LinearAdapter adapter in adapters)
            if (adapter.Active)
            {
                x = adapter.AdaptInput(x);
                weight = adapter.AdaptWeight(weight);
            }
        Tensor y = functional.linear(x, weight, bias);
        foreach (LinearAdapter adapter in adapters)
            if (adapter.Active)
                y = adapter.AdaptOutput(x, y);
        return y;
    }

    /// <summary>Weight and bias in a type to compute in.</summary>
    public (Tensor Weight, Tensor Bias) As(ScalarType type) => (Cast(Weight, type, ref _weightCast), Cast(Bias, type, ref _biasCast));

    private static Tensor Cast(Parameter parameter, ScalarType type, ref FrozenCast? cast)
    {
        if (parameter.dtype == type)
            return parameter;
        if (parameter.requires_grad)
            return parameter.to(type);
        if (Volatile.Read(ref cast) is { } kept && kept.Type == type)
            return kept.Value;
        Tensor value;
        using (torch.no_grad())
            value = parameter.to(type).DetachFromDisposeScope();
        // Two threads may cast at once; the one that comes second gives its copy to the collector, for the first may be in use.
        FrozenCast made = new(type, value);
        return Interlocked.CompareExchange(ref cast, made, null) is { } other && other.Type == type ? other.Value : made.Value;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            WeightsChanged();
        base.Dispose(disposing);
    }

    private sealed record FrozenCast(ScalarType Type, Tensor Value);
}
