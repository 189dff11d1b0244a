using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>Multi-head self-attention (Vaswani et al. 2017, arXiv 1706.03762) without the residual connection.</summary>
internal sealed class SelfAttention : Part
{
    private readonly EncoderConfig _config;

    public SelfAttention(EncoderConfig config, int layer) : base(nameof(SelfAttention))
    {
        _config = config;
        int hidden = config.HiddenSize;
        Query = new AdaptableLinear(TargetModules.Query, layer, hidden, hidden, config.Device);
        Key = new AdaptableLinear(TargetModules.Key, layer, hidden, hidden, config.Device);
        Value = new AdaptableLinear(TargetModules.Value, layer, hidden, hidden, config.Device);
        Output = new AdaptableLinear(TargetModules.AttentionOutput, layer, hidden, hidden, config.Device);
        if (config.Disentangled is { } disentangled)
            Disentangled = new DisentangledBias(disentangled, config, layer);
        Register("query", Query);
        Register("key", Key);
        Register("value", Value);
        Register("output", Output);
        Register("disentangled", Disentangled);
    }

    public AdaptableLinear Query { get; }

    public AdaptableLinear Key { get; }

    public AdaptableLinear Value { get; }

    public AdaptableLinear Output { get; }

    public DisentangledBias? Disentangled { get; }

    /// <summary>The modules at the projections.</summary>
    public IEnumerable<PeftModule> Modules => [.. Query.Site.Modules, .. Key.Site.Modules, .. Value.Site.Modules, .. Output.Site.Modules];

    /// <param name="queries">The vectors to compute, all of <paramref name="hidden"/> or the first of them, [batch, queries, hidden].</param>
    /// <param name="hidden">[batch, length, hidden].</param>
    /// <param name="context">Masks and positions of the batch, for these queries.</param>
    /// <returns>[batch, queries, hidden].</returns>
    public Tensor Forward(Tensor queries, Tensor hidden, AttentionContext context)
    {
        long batch = hidden.size(0), length = hidden.size(1);
        Tensor query = Heads(Query.Forward(queries), batch, queries.size(1));
        Tensor key = Heads(Key.Forward(hidden), batch, length);
        Tensor value = Heads(Value.Forward(hidden), batch, length);
        if (context.Prefix is { } prefix)
        {
            key = cat([Spread(prefix.Keys, batch), key], 2);
            value = cat([Spread(prefix.Values, batch), value], 2);
        }
        double dropout = training ? _config.AttentionDropout : 0;

        // libtorch's fused kernel is the faster one in float32. On a CPU its bfloat16 backward is several times slower than
        // the plain products, and it has no fast path with dropout, nor for a bias with a gradient.
        bool fused = Disentangled is null && context.PositionBias is null
            && (hidden.device_type != DeviceType.CPU || (hidden.dtype == ScalarType.Float32 && dropout == 0));
        Tensor attended = fused
            ? functional.scaled_dot_product_attention(query, key, value, context.Mask, dropout)
            : Plain(query, key, value, context, dropout);

        attended = attended.transpose(1, 2).reshape(batch, queries.size(1), _config.HiddenSize);
        if (context.QueryMask is { } queryMask)
            attended = attended * queryMask;
        return Output.Forward(attended);
    }

    private Tensor Plain(Tensor query, Tensor key, Tensor value, AttentionContext context, double dropout)
    {
        double scale = 1 / Math.Sqrt(_config.HeadSize * (Disentangled is null ? 1.0 : _config.Disentangled!.ScaleFactor));
        Tensor scaled = query.Mul(scale);
        Tensor scores = scaled.matmul(key.transpose(2, 3)); // [batch, heads, queries, length]
        if (Disentangled is not null)
            scores = scores.Add(DisentangledScores(scaled, key, scale, context));
        if (context.PositionBias is { } bias)
            scores = scores.Add(bias);
        if (context.Mask is { } mask)
            scores = scores.Add_(mask);
        Tensor weights = functional.softmax(scores, -1);
        return Dropout.Apply(weights, dropout).matmul(value);
    }

    /// <summary>A prefix has no positions: its scores are those of its content.</summary>
    private Tensor DisentangledScores(Tensor scaledQuery, Tensor key, double scale, AttentionContext context)
    {
        long prefix = context.Prefix?.Keys.size(2) ?? 0;
        if (prefix == 0)
            return Disentangled!.Forward(scaledQuery, key, scale, context.Relative!, this);
        return AttentionContext.Widen(Disentangled!.Forward(scaledQuery, key.narrow(2, prefix, key.size(2) - prefix), scale, context.Relative!, this), prefix);
    }

    private static Tensor Spread(Tensor prefix, long batch) => prefix.size(0) == batch ? prefix : prefix.expand(batch, -1, -1, -1);

    /// <summary>[batch, length, hidden] → [batch, heads, length, head_size].</summary>
    public Tensor Heads(Tensor projected, long batch, long length) =>
        projected.view(batch, length, _config.HeadCount, _config.HeadSize).transpose(1, 2);
}
