using MLNet.FineTune.Encoders.Attention;
using TorchSharp;
using TransformerLayers = TorchSharp.Modules.ModuleList<MLNet.FineTune.Encoders.TransformerLayer>;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>A transformer encoder assembled from the parts its configuration names.</summary>
internal sealed class TransformerEncoder : Part
{
    public TransformerEncoder(EncoderConfig config) : base(nameof(TransformerEncoder))
    {
        Config = config;
        Embeddings = new EncoderEmbeddings(config);
        Layers = new TransformerLayers([.. Enumerable.Range(0, config.PhysicalLayerCount).Select(i => new TransformerLayer(config, i))]);
        if (config.RelativeBuckets > 0)
            RelativeBias = new Embedding(config.RelativeBuckets, config.HeadCount, config.Device);
        if (config.Disentangled is { } disentangled)
        {
            RelativeEmbeddings = new Embedding(2 * disentangled.Span, config.HiddenSize, config.Device);
            if (disentangled.NormalizeEmbeddings)
                RelativeNorm = new LayerNorm(config.HiddenSize, config.LayerNormEpsilon, config.Device);
        }
        Register("embeddings", Embeddings);
        Register("layers", Layers);
        Register("relative_bias", RelativeBias);
        Register("relative_embeddings", RelativeEmbeddings);
        Register("relative_norm", RelativeNorm);
    }

    public EncoderConfig Config { get; }

    /// <summary>The type activations are computed in: float32, or bfloat16 for mixed precision.</summary>
    public ScalarType ComputeType { get; set; } = ScalarType.Float32;

    public EncoderEmbeddings Embeddings { get; }

    public TransformerLayers Layers { get; }

    public Embedding? RelativeBias { get; }

    public Embedding? RelativeEmbeddings { get; }

    public LayerNorm? RelativeNorm { get; }

    /// <summary>The output of the last layer and, when asked, of all before it.</summary>
    public EncoderOutput Forward(EncoderInput input, bool allHiddenStates = false)
    {
        Tensor hidden = Embed(input);
        AttentionContext context = CreateContext(input);
        var states = new List<Tensor>();
        if (allHiddenStates)
            states.Add(hidden);
        for (int layer = 0; layer < Config.LayerCount; layer++)
        {
            hidden = Layers[Config.PhysicalLayer(layer)].Forward(hidden, context);
            if (allHiddenStates)
                states.Add(hidden);
        }
        return new EncoderOutput(hidden, states);
    }

    private Tensor Embed(EncoderInput input)
    {
        Tensor hidden = Embeddings.Forward(input);
        return hidden.dtype == ComputeType ? hidden : hidden.to(ComputeType);
    }

    private AttentionContext CreateContext(EncoderInput input)
    {
        Tensor? mask = input.Mask is { } tokens ? AttentionContext.Additive(tokens, ComputeType) : null;
        Tensor? queryMask = Config.Disentangled is not null && input.Mask is { } present ? present.to(ComputeType).unsqueeze_(-1) : null;
        return new AttentionContext(mask, queryMask, PositionBias(input), Relative(input.Length));
    }

    private Tensor? PositionBias(EncoderInput input)
    {
        if (RelativeBias is null)
            return null;
        using Tensor buckets = RelativePositions.DirectedBuckets(input.Length, Config.RelativeBuckets, input.InputIds.device);
        return RelativeBias.Forward(buckets).permute(2, 0, 1).unsqueeze(0).to(ComputeType); // [1, heads, length, length]
    }

    private RelativeTable? Relative(long length)
    {
        if (RelativeEmbeddings is null)
            return null;
        Tensor embeddings = RelativeNorm is null ? RelativeEmbeddings.Weight : RelativeNorm.Forward(RelativeEmbeddings.Weight);
        // As the embeddings: all layers see these, so that below a frozen one they must not vary either.
        if (Embeddings.training)
            embeddings = Dropout.Apply(embeddings, Config.HiddenDropout);
        return RelativeTable.Create(embeddings.to(ComputeType), length, Config.Disentangled!);
    }
}
