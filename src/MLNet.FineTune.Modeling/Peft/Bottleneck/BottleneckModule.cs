using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>output + s · up(dropout(f(down(x)))), where x is what the placement says.</summary>
internal sealed class BottleneckModule : ResidualAdapter
{
    private const double NearZero = 0.01;

    private readonly BottleneckAdapter _options;
    private readonly Activation _activation;

    public BottleneckModule(BottleneckAdapter options, EncoderConfig encoder) : base(nameof(BottleneckModule))
    {
        _options = options with { };
        _activation = options.Activation.ToActivation();
        int hidden = encoder.HiddenSize, size = options.SizeFor(hidden);
        bool near = options.Initialization == AdapterInitialization.NearZero;
        Down = new Dense(hidden, size, encoder.Device, near ? NearZero : null);
        Up = new Dense(size, hidden, encoder.Device, near ? NearZero : 0);
        if (options.LearnScale)
            Scale = new Parameter(zeros([1], ScalarType.Float32, encoder.Device).Fill_(options.Scale));
        Register("down", Down);
        Register("up", Up);
        Register("scale", Scale);
    }

    public Dense Down { get; }

    public Dense Up { get; }

    /// <summary>s, [1]; null where it does not train.</summary>
    public Parameter? Scale { get; }

    public override Tensor Adapt(Tensor input, Tensor output, LayerNorm norm)
    {
        Tensor x = _options.Placement switch
        {
            AdapterPlacement.Serial => output,
            AdapterPlacement.SerialNormalized => norm.Forward(output.Add(input)),
            _ => input,
        };
        Tensor inner = _activation.Apply(Down.Forward(x));
        if (training)
            inner = Dropout.Apply(inner, _options.Dropout);
        Tensor up = Up.Forward(inner);
        return Scale is null ? output.Add(up, alpha: _options.Scale) : output.Add(up * As(Scale, up.dtype));
    }
}
