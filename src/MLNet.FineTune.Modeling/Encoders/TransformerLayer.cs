using MLNet.FineTune.Encoders.Attention;
using MLNet.FineTune.Peft;
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
        AttentionSite = new Site<ResidualAdapter>(layer);
        FeedForwardSite = new Site<ResidualAdapter>(layer);
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

    /// <summary>Modules after or beside attention.</summary>
    public Site<ResidualAdapter> AttentionSite { get; }

    /// <summary>Modules after or beside the feed-forward network.</summary>
    public Site<ResidualAdapter> FeedForwardSite { get; }

    public Tensor Forward(Tensor hidden, AttentionContext context)
    {
        hidden = Close(AttentionSite, Attention.Forward(hidden, context), hidden, AttentionNorm);
        Tensor inner = _config.Activation.Apply(FeedForwardIn.Forward(hidden));
        return Close(FeedForwardSite, FeedForwardOut.Forward(inner), hidden, FeedForwardNorm);
    }

    /// <summary>Dropout, adapters, the residual connection and the normalisation after a sublayer.</summary>
    private Tensor Close(Site<ResidualAdapter> site, Tensor output, Tensor input, LayerNorm norm)
    {
        double dropout = training ? _config.HiddenDropout : 0;
        if (!site.Occupied)
            return norm.Forward(Dropout.AddResidual(output, input, dropout));
        output = Dropout.Apply(output, dropout);
        foreach (ResidualAdapter adapter in site.Modules)
            if (adapter.Active)
                output = adapter.Adapt(input, output, norm);
        return norm.Forward(output.Add(input));
    }
}
