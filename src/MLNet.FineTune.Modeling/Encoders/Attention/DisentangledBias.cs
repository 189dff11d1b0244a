using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>The content-to-position and position-to-content terms of disentangled attention (He et al. 2020, arXiv 2006.03654, section 3.1).</summary>
internal sealed class DisentangledBias : Part
{
    private readonly DisentangledConfig _config;

    public DisentangledBias(DisentangledConfig config, EncoderConfig encoder, int layer) : base(nameof(DisentangledBias))
    {
        _config = config;
        if (!config.ShareKey && config.ContentToPosition)
            PositionKey = new AdaptableLinear(TargetModules.None, layer, encoder.HiddenSize, encoder.HiddenSize, encoder.Device);
        if (!config.ShareKey && config.PositionToContent)
            PositionQuery = new AdaptableLinear(TargetModules.None, layer, encoder.HiddenSize, encoder.HiddenSize, encoder.Device);
        Register("position_key", PositionKey);
        Register("position_query", PositionQuery);
    }

    public AdaptableLinear? PositionKey { get; }

    public AdaptableLinear? PositionQuery { get; }

    /// <param name="scaledQuery">Queries, scaled, [batch, heads, queries, head_size].</param>
    /// <param name="key">Keys, [batch, heads, length, head_size].</param>
    /// <param name="scale">The scale, for the term without queries.</param>
    /// <param name="relative">Relative positions of these queries.</param>
    /// <param name="attention">Its query and key projections serve positions too where they are shared.</param>
    /// <returns>[batch, heads, queries, length].</returns>
    public Tensor Forward(Tensor scaledQuery, Tensor key, double scale, RelativeTable relative, SelfAttention attention)
    {
        long batch = scaledQuery.size(0), heads = scaledQuery.size(1), queries = scaledQuery.size(2), keys = key.size(2), rows = relative.Embeddings.size(0);
        Tensor positions = relative.Embeddings.unsqueeze(0);
        Tensor? bias = null;
        if (_config.ContentToPosition)
        {
            Tensor positionKey = attention.Heads((PositionKey ?? attention.Key).Forward(positions), 1, rows);
            Tensor scores = scaledQuery.matmul(positionKey.transpose(2, 3)); // [batch, heads, queries, 2 span]
            bias = scores.gather(-1, relative.QueryToKey.expand(batch, heads, queries, keys));
        }
        if (_config.PositionToContent)
        {
            Tensor positionQuery = attention.Heads((PositionQuery ?? attention.Query).Forward(positions), 1, rows);
            Tensor scores = key.matmul(positionQuery.Mul(scale).transpose(2, 3));
            Tensor term = scores.gather(-1, relative.KeyToQuery.expand(batch, heads, keys, queries)).transpose(2, 3);
            bias = bias is null ? term : bias.Add(term);
        }
        return bias!;
    }
}
