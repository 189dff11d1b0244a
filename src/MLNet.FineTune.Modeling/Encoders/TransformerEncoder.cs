using MLNet.FineTune.Encoders.Attention;
using MLNet.FineTune.Peft;
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

    /// <summary>Modules that give layers further keys and values.</summary>
    public Site<KeyValueAdapter> KeyValueSite { get; } = new(null);

    /// <summary>Modules that read all hidden states and replace the last.</summary>
    public Site<HiddenStatesAdapter> HiddenStatesSite { get; } = new(null);

    /// <summary>The output of the last layer and, when asked, of all before it.</summary>
    /// <param name="input">A batch.</param>
    /// <param name="allHiddenStates">Whether the states before the last are asked for too.</param>
    /// <param name="firstOnly">Whether only the first vector of each text is read: the last layer may then compute no other, which leaves a sixth or more of its products, keys and values of all tokens.</param>
    public EncoderOutput Forward(EncoderInput input, bool allHiddenStates = false, bool firstOnly = false)
    {
        EmbeddedInput embedded = Embed(input);
        IReadOnlyList<Tensor> states = Run(embedded, 0, Config.LayerCount, CreateContext(embedded.Hidden, embedded.Mask), allHiddenStates, firstOnly);
        return Finish(states, input, embedded.PromptLength, allHiddenStates);
    }

    /// <summary>Hidden states after some of the lowest layers.</summary>
    /// <param name="input">A batch.</param>
    /// <param name="layers">How many layers to run.</param>
    /// <param name="allStates">Whether all states are asked for, or those after the last of these layers only.</param>
    /// <param name="firstOnly">Whether only the first vector of what the encoder's last layer gives is read, if that is among them.</param>
    /// <returns>The embeddings and the output of each of these layers, or the last of these.</returns>
    public IReadOnlyList<Tensor> Lower(EncoderInput input, int layers, bool allStates = true, bool firstOnly = false)
    {
        EmbeddedInput embedded = Embed(input);
        return Run(embedded, 0, layers, CreateContext(embedded.Hidden, embedded.Mask), allStates, firstOnly);
    }

    /// <summary>Goes on from hidden states that <see cref="Lower"/> gave; no module puts a prompt before the text then.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="states">The embeddings and the output of layers; of those only the last is needed, unless a module reads all.</param>
    /// <param name="layers">How many layers they come from.</param>
    /// <param name="firstOnly">Whether only the first vector of each text is read.</param>
    public EncoderOutput Upper(EncoderInput input, IReadOnlyList<Tensor> states, int layers, bool firstOnly = false)
    {
        var embedded = new EmbeddedInput(states[^1], input.Mask, 0);
        IReadOnlyList<Tensor> upper = Run(embedded, layers, Config.LayerCount, CreateContext(embedded.Hidden, embedded.Mask), all: false, firstOnly);
        return Finish([.. states.Take(states.Count - 1), .. upper], input, 0, allHiddenStates: false);
    }

    private EncoderOutput Finish(IReadOnlyList<Tensor> states, EncoderInput input, int promptLength, bool allHiddenStates)
    {
        Tensor last = states[^1];
        foreach (HiddenStatesAdapter adapter in HiddenStatesSite.Modules)
            if (adapter.Active)
                last = adapter.Combine(states, input);
        return new EncoderOutput(last, allHiddenStates ? states : [], promptLength);
    }

    /// <returns>The given hidden states and the output of every layer; only the last unless all are asked for or read by a module.</returns>
    private List<Tensor> Run(EmbeddedInput embedded, int from, int to, AttentionContext context, bool all, bool firstOnly = false)
    {
        all |= HiddenStatesSite.Occupied;
        using TokenMask running = TokenMask.Enter(embedded.Mask);
        Tensor hidden = embedded.Hidden;
        var states = new List<Tensor> { hidden };
        for (int layer = from; layer < to; layer++)
        {
            TransformerLayer current = Layers[Config.PhysicalLayer(layer)];
            AttentionContext own = KeyValueSite.Occupied ? context.With(Prefix(layer, hidden)) : context;
            hidden = firstOnly && !all && layer == Config.LayerCount - 1 && !current.MixesTokens ? current.ForwardFirst(hidden, own) : current.Forward(hidden, own);
            if (!all)
                states.Clear();
            states.Add(hidden);
        }
        return states;
    }

    private (Tensor Keys, Tensor Values)? Prefix(int layer, Tensor hidden)
    {
        var prefixes = new List<(Tensor Keys, Tensor Values)>();
        foreach (KeyValueAdapter adapter in KeyValueSite.Modules)
            if (adapter.Active && adapter.Prefix(layer, hidden) is { } prefix)
                prefixes.Add(prefix);
        if (prefixes.Count <= 1)
            return prefixes.Count == 0 ? null : prefixes[0];
        long batch = hidden.size(0);
        return (cat([.. prefixes.Select(prefix => prefix.Keys.expand(batch, -1, -1, -1))], 2), cat([.. prefixes.Select(prefix => prefix.Values.expand(batch, -1, -1, -1))], 2));
    }

    private int PositionShift()
    {
        int shift = 0;
        foreach (KeyValueAdapter adapter in KeyValueSite.Modules)
            if (adapter.Active)
                shift += adapter.PositionShift;
        return shift;
    }

    private EmbeddedInput Embed(EncoderInput input)
    {
        EmbeddedInput embedded = Embeddings.Forward(input, PositionShift());
        return embedded.Hidden.dtype == ComputeType ? embedded : embedded with { Hidden = embedded.Hidden.to(ComputeType) };
    }

    private AttentionContext CreateContext(Tensor hidden, Tensor? tokens)
    {
        Tensor? mask = tokens is null ? null : AttentionContext.Additive(tokens, ComputeType);
        Tensor? queryMask = Config.Disentangled is not null && tokens is not null ? tokens.to(ComputeType).unsqueeze_(-1) : null;
        long length = hidden.size(1);
        return new AttentionContext(mask, queryMask, PositionBias(length, hidden.device), Relative(length));
    }

    private Tensor? PositionBias(long length, Device device)
    {
        if (RelativeBias is null)
            return null;
        using Tensor buckets = RelativePositions.DirectedBuckets(length, Config.RelativeBuckets, device);
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
