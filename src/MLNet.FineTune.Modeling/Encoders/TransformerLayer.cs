using MLNet.FineTune.Encoders.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Self-attention and a feed-forward network, each followed by dropout, the residual connection and LayerNorm (post-norm, as BERT has it).</summary>
internal sealed class TransformerLayer : Part
{
    private readonly EncoderConfig _config;

    public TransformerLayer(EncoderConfig config, int layer) : base(nameof(TransformerLayer))
    {
        _config = config;
        Attention = new SelfAttention(config, layer);
        AttentionNorm = new LayerNorm(config.HiddenSize, config.LayerNormEpsilon, config.Device);
        FeedForwardIn = new AdaptableLinear(TargetModules.FeedForwardIn, layer, config.HiddenSize, config.IntermediateSize, config.Device);
        FeedForwardOut = new AdaptableLinear(TargetModules.FeedForwardOut, layer, config.IntermediateSize, config.HiddenSize, config.Device);
        FeedForwardNorm = new LayerNorm(config.HiddenSize, config.LayerNormEpsilon, config.Device);
        Register("attention", Attention);
        Register("attention_norm", AttentionNorm);
        Register("ffn_in", FeedForwardIn);
        Register("ffn_out", FeedForwardOut);
        Register("ffn_norm", FeedForwardNorm);
    }

    public SelfAttention Attention { get; }

    public LayerNorm AttentionNorm { get; }

    public AdaptableLinear FeedForwardIn { get; }

    public AdaptableLinear FeedForwardOut { get; }

    public LayerNorm FeedForwardNorm { get; }

    public Tensor Forward(Tensor hidden, AttentionContext context)
    {
        hidden = AttentionNorm.Forward(AddResidual(Attention.Forward(hidden, context), hidden));
        Tensor inner = _config.Activation.Apply(FeedForwardIn.Forward(hidden));
        return FeedForwardNorm.Forward(AddResidual(FeedForwardOut.Forward(inner), hidden));
    }

    private Tensor AddResidual(Tensor output, Tensor residual) => Dropout.AddResidual(output, residual, training ? _config.HiddenDropout : 0);
}
