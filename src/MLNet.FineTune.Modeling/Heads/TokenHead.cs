using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>A linear layer on every token: tags (one logit a tag), or spans of answers (two logits, start and end).</summary>
internal sealed class TokenHead : Head
{
    private readonly double _dropout;

    public TokenHead(EncoderConfig config, int outputs, double dropout) : base(nameof(TokenHead))
    {
        _dropout = dropout;
        Output = new AdaptableLinear(TargetModules.None, null, config.HiddenSize, outputs, config.Device);
        Register("output", Output);
    }

    public AdaptableLinear Output { get; }

    /// <returns>float32 [batch, length, outputs].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input)
    {
        Tensor hidden = output.Tokens.to(ScalarType.Float32);
        if (training)
            hidden = Dropout.Apply(hidden, _dropout);
        return Output.Forward(hidden);
    }
}
