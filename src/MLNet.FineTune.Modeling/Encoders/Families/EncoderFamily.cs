using System.Text.Json.Nodes;

namespace MLNet.FineTune.Encoders.Families;

/// <summary>A model family: how its <c>config.json</c> maps to an <see cref="EncoderConfig"/>, and its tensor names to ours.</summary>
internal abstract class EncoderFamily
{
    /// <summary><c>model_type</c> in <c>config.json</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>What a model with a head puts before the encoder's tensor names.</summary>
    public abstract string BasePrefix { get; }

    /// <summary>Our module paths outside the layers, and the checkpoint's.</summary>
    public abstract IReadOnlyDictionary<string, string> Modules { get; }

    /// <summary>Our module paths inside a layer, and the checkpoint's.</summary>
    public abstract IReadOnlyDictionary<string, string> LayerModules { get; }

    public abstract SequenceHeadLayout SequenceHead { get; }

    public abstract MaskedHeadLayout MaskedHead { get; }

    /// <summary>Where the checkpoint keeps layer <paramref name="layer"/>.</summary>
    public virtual string LayerPath(int layer) => $"encoder.layer.{layer}.";

    public abstract EncoderConfig ReadConfig(ConfigReader config);

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <exception cref="NotSupportedException">The model type is none of the supported ones, or asks for something not computed here.</exception>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    public static (EncoderFamily Family, EncoderConfig Config) Read(JsonObject json, string location)
    {
        var reader = new ConfigReader(json, location);
        string type = reader.Text("model_type", "");
        EncoderFamily family = EncoderFamilies.All.FirstOrDefault(f => f.ModelType == type)
            ?? throw new NotSupportedException($"{location}: the model type '{type}' is not supported; supported are {string.Join(", ", EncoderFamilies.All.Select(f => f.ModelType))}.");
        return (family, reader.Check(family.ReadConfig(reader)));
    }

    /// <summary>The checkpoint's path of one of our modules, without the base prefix.</summary>
    public string ModulePath(string ours)
    {
        if (ours.StartsWith("layers.", StringComparison.Ordinal))
        {
            int end = ours.IndexOf('.', 7);
            return LayerPath(int.Parse(ours.AsSpan(7, end - 7), System.Globalization.CultureInfo.InvariantCulture)) + LayerModules[ours[(end + 1)..]];
        }
        return Modules[ours];
    }

    /// <summary>The checkpoint's name of one of the encoder's tensors, without the base prefix.</summary>
    public string TensorName(string ours)
    {
        int dot = ours.LastIndexOf('.');
        return $"{ModulePath(ours[..dot])}.{ours[(dot + 1)..]}";
    }

    /// <summary>Names as BERT has them, which most families kept.</summary>
    protected static Dictionary<string, string> BertModules() => new()
    {
        ["embeddings.word"] = "embeddings.word_embeddings",
        ["embeddings.position"] = "embeddings.position_embeddings",
        ["embeddings.token_type"] = "embeddings.token_type_embeddings",
        ["embeddings.norm"] = "embeddings.LayerNorm",
    };

    /// <inheritdoc cref="BertModules"/>
    protected static Dictionary<string, string> BertLayerModules() => new()
    {
        ["attention.query"] = "attention.self.query",
        ["attention.key"] = "attention.self.key",
        ["attention.value"] = "attention.self.value",
        ["attention.output"] = "attention.output.dense",
        ["attention_norm"] = "attention.output.LayerNorm",
        ["ffn_in"] = "intermediate.dense",
        ["ffn_out"] = "output.dense",
        ["ffn_norm"] = "output.LayerNorm",
    };

    /// <summary>The keys BERT's configuration has, which most families kept; what they mean where they are missing differs.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="padId">The padding id where none is stated.</param>
    /// <param name="activation">The activation where none is stated.</param>
    /// <param name="dropout">Dropout, that of attention too, where none is stated.</param>
    protected static EncoderConfig ReadBertConfig(ConfigReader config, int padId = 0, string activation = "gelu", double dropout = 0.1)
    {
        config.RequireText("position_embedding_type", "absolute");
        config.RequireBool("is_decoder", false);
        int hidden = config.Int("hidden_size"), layers = config.Int("num_hidden_layers", minimum: 0), positions = config.Int("max_position_embeddings");
        double hiddenDropout = config.Double("hidden_dropout_prob", dropout);
        return new EncoderConfig
        {
            Source = config.Json,
            ModelType = config.Text("model_type", ""),
            VocabularySize = config.Int("vocab_size"),
            HiddenSize = hidden,
            EmbeddingSize = hidden,
            LayerCount = layers,
            PhysicalLayerCount = layers,
            HeadCount = config.Int("num_attention_heads"),
            IntermediateSize = config.Int("intermediate_size"),
            PadId = config.Int("pad_token_id", padId, 0),
            MaxLength = positions,
            PositionRows = positions,
            TokenTypeCount = config.Int("type_vocab_size", 2, 0),
            Activation = config.Activation("hidden_act", activation),
            LayerNormEpsilon = config.Double("layer_norm_eps", 1e-12),
            HiddenDropout = hiddenDropout,
            AttentionDropout = config.Double("attention_probs_dropout_prob", dropout),
            ClassifierDropout = config.Double("classifier_dropout", hiddenDropout),
            TiesWordEmbeddings = config.Bool("tie_word_embeddings", true),
            InitializerRange = config.Double("initializer_range", 0.02),
        };
    }

    /// <summary>The padding id of RoBERTa and its kin where the configuration states none: their positions count from it.</summary>
    protected const int RobertaPadId = 1;

    /// <summary>Positions counted from the padding id plus one, as RoBERTa has them.</summary>
    protected static EncoderConfig WithOffsetPositions(EncoderConfig config) => config with
    {
        PositionOffset = config.PadId + 1,
        MaxLength = config.PositionRows - config.PadId - 1,
    };
}
