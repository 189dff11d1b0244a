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

    /// <summary>Whether a module here looks, beside attention, at other vectors than the one it changes.</summary>
    public bool MixesTokens
    {
        get
        {
            foreach (PeftModule module in (IEnumerable<PeftModule>)[.. AttentionSite.Modules, .. FeedForwardSite.Modules, .. Attention.Modules, .. FeedForwardIn.Site.Modules, .. FeedForwardOut.Site.Modules])
                if (module.Active && module.MixesTokens)
                    return true;
            return false;
        }
    }

    /// <param name="hidden">[batch, length, hidden].</param>
    /// <param name="context">Masks and positions of the batch.</param>
    /// <returns>[batch, length, hidden].</returns>
    public Tensor Forward(Tensor hidden, AttentionContext context) => Forward(hidden, hidden, context);

    /// <summary>What <see cref="Forward(Tensor, AttentionContext)"/> gives for the first vector of each text: the others serve as keys and values only.</summary>
    /// <returns>[batch, 1, hidden].</returns>
    public Tensor ForwardFirst(Tensor hidden, AttentionContext context) => Forward(hidden.narrow(1, 0, 1).contiguous(), hidden, context.First());

    private Tensor Forward(Tensor queries, Tensor keys, AttentionContext context)
    {
        Tensor hidden = Close(AttentionSite, Attention.Forward(queries, keys, context), queries, AttentionNorm, _config.DropsAttentionOutput);
        Tensor inner = _config.Activation.Apply(FeedForwardIn.Forward(hidden));
        return Close(FeedForwardSite, FeedForwardOut.Forward(inner), hidden, FeedForwardNorm, _config.DropsFeedForwardOutput);
    }

    /// <summary>Dropout, adapters, the residual connection and the normalisation after a sublayer.</summary>
    private Tensor Close(Site<ResidualAdapter> site, Tensor output, Tensor input, LayerNorm norm, bool drops)
    {
        double dropout = training && drops ? _config.HiddenDropout : 0;
        if (!site.Occupied)
            return norm.Forward(Dropout.AddResidual(output, input, dropout));
        output = Dropout.Apply(output, dropout);
        foreach (ResidualAdapter adapter in site.Modules)
            if (adapter.Active)
                output = adapter.Adapt(input, output, norm);
        return norm.Forward(output.Add(input));
    }
}
