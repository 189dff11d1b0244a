using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>Classifies whole texts, or pairs of them read each by itself: pooling, the comparison of both, a dense layer where the family has one, or length one where that is asked for, dropout, a linear layer.</summary>
internal sealed class SequenceHead : Head, IClassifierHead
{
    private readonly SequenceHeadOptions _options;

    public SequenceHead(EncoderConfig config, SequenceHeadOptions options) : base(nameof(SequenceHead))
    {
        _options = options;
        Width = options.Pooling.Width(config.HiddenSize) * (options.Pairs ? TextComparison.Parts : 1);
        if (options.Dense)
            Dense = new AdaptableLinear(TargetModules.Pooler, null, Width, config.HiddenSize, config.Device);
        Output = new AdaptableLinear(TargetModules.None, null, options.Dense ? config.HiddenSize : Width, options.ClassCount, config.Device);
        Register("dense", Dense);
        Register("output", Output);
    }

    public int ClassCount => Output.Outputs;

    public int Width { get; }

    /// <summary>What such a head is made from.</summary>
    public ClassifierLayout Layout => new(ClassCount, _options.Pooling, Dense is null && !_options.Pairs ? _options.Normalize : null, SeparatePairs: _options.Pairs);

    public AdaptableLinear? Dense { get; }

    public AdaptableLinear Output { get; }

    public override bool ReadsFirstOnly => _options.Pooling.FirstOnly;

    /// <summary>Lets the head give mean + deviation · y where it gave y.</summary>
    public void Rescale(float mean, float deviation)
    {
        using var _ = no_grad();
        Output.Weight.Mul_(deviation);
        Output.Bias.Mul_(deviation);
        Output.Bias.Add_(tensor(mean, device: Output.Bias.device));
        Output.WeightsChanged();
    }

    /// <summary>The vector of each text that the linear layer, or the dense layer before it, sees.</summary>
    /// <returns>float32 [batch, <see cref="Width"/>].</returns>
    public Tensor Embed(EncoderOutput output, EncoderInput input)
    {
        Tensor pooled = _options.Pooling.Pool(output, input);
        if (_options.Pairs)
            return TextComparison.Of(pooled);
        return _options.Normalize ? nn.functional.normalize(pooled, p: 2, dim: 1, eps: 1e-12) : pooled;
    }

    /// <returns>float32 [batch, classes].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input) => Classify(Embed(output, input));

    /// <summary>Classifies the vectors that <see cref="Embed"/> makes.</summary>
    /// <returns>float32 [batch, classes].</returns>
    public Tensor Classify(Tensor pooled)
    {
        if (Dense is not null)
            pooled = _options.Activation.Apply(Dense.Forward(Drop(pooled, _options.InputDropout)));
        return Output.Forward(Drop(pooled, _options.Dropout));
    }

    private Tensor Drop(Tensor x, double probability) => training ? Dropout.Apply(x, probability) : x;
}

/// <summary>How a <see cref="SequenceHead"/> is built.</summary>
/// <param name="ClassCount">Number of logits.</param>
/// <param name="Pooling">How tokens become one vector.</param>
/// <param name="Dense">Whether a dense layer comes before the output layer.</param>
/// <param name="Activation">After the dense layer.</param>
/// <param name="InputDropout">Probability of dropout before the dense layer.</param>
/// <param name="Dropout">Probability of dropout before the output layer.</param>
/// <param name="Normalize">Whether pooled vectors are brought to length one.</param>
/// <param name="Pairs">Whether the first half of a batch is compared with the second; each vector then has a scale of its own, whatever <paramref name="Normalize"/> says.</param>
internal sealed record SequenceHeadOptions(int ClassCount, PoolingModes Pooling, bool Dense, Activation Activation, double InputDropout, double Dropout, bool Normalize = false, bool Pairs = false);
