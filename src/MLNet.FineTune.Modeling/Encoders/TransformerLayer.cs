using MLNet.FineTune.Encoders.Attention;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>Self-attention and a feed-forward network, each followed by dropout, the residual connection and LayerNorm (post-norm, as BERT has it).</summary>
internal sealed class TransformerLayer : Module<Tensor, AttentionContext, Tensor>
{
    private readonly EncoderConfig _config;

    public TransformerLayer(EncoderConfig config, int layer) : base(nameof(TransformerLayer))
    {
        _config = config;
        Attention = new SelfAttention(config, layer);
        AttentionNorm = new LayerNorm(config.HiddenSize, config.LayerNormEpsilon);
        FeedForwardIn = new AdaptableLinear(TargetModules.FeedForwardIn, layer, config.HiddenSize, config.IntermediateSize);
        FeedForwardOut = new AdaptableLinear(TargetModules.FeedForwardOut, layer, config.IntermediateSize, config.HiddenSize);
        FeedForwardNorm = new LayerNorm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    [field: ComponentName(Name = "attention")]
    public SelfAttention Attention { get; }

    [field: ComponentName(Name = "attention_norm")]
    public LayerNorm AttentionNorm { get; }

    [field: ComponentName(Name = "ffn_in")]
    public AdaptableLinear FeedForwardIn { get; }

    [field: ComponentName(Name = "ffn_out")]
    public AdaptableLinear FeedForwardOut { get; }

    [field: ComponentName(Name = "ffn_norm")]
    public LayerNorm FeedForwardNorm { get; }

    public override Tensor forward(Tensor hidden, AttentionContext context)
    {
        hidden = AttentionNorm.forward(AddResidual(Attention.forward(hidden, context), hidden));
        Tensor inner = _config.Activation.Apply(FeedForwardIn.forward(hidden));
        return FeedForwardNorm.forward(AddResidual(FeedForwardOut.forward(inner), hidden));
    }

    private Tensor AddResidual(Tensor output, Tensor residual)
    {
        if (_config.HiddenDropout > 0 && training)
            output = functional.dropout(output, _config.HiddenDropout);
        return output.add_(residual);
    }
}
