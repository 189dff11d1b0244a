namespace MLNet.FineTune.Encoders.Families;

/// <summary>DistilBERT (Sanh et al. 2019, arXiv 1910.01108).</summary>
internal sealed class DistilBertFamily : EncoderFamily
{
    public override string ModelType => "distilbert";
    public override string BasePrefix => "distilbert.";

    public override IReadOnlyDictionary<string, string> Modules { get; } = BertModules();

    public override IReadOnlyDictionary<string, string> LayerModules { get; } = new Dictionary<string, string>
    {
        ["attention.query"] = "attention.q_lin",
        ["attention.key"] = "attention.k_lin",
        ["attention.value"] = "attention.v_lin",
        ["attention.output"] = "attention.out_lin",
        ["attention_norm"] = "sa_layer_norm",
        ["ffn_in"] = "ffn.lin1",
        ["ffn_out"] = "ffn.lin2",
        ["ffn_norm"] = "output_layer_norm",
    };

    public override SequenceHeadLayout SequenceHead { get; } = new("pre_classifier", "classifier", Activation.Relu, InputDropout: false);

    public override MaskedHeadLayout MaskedHead { get; } = new("vocab_transform", "vocab_layer_norm", "vocab_projector.bias", ["vocab_projector.weight"]);

    public override string LayerPath(int layer) => $"transformer.layer.{layer}.";

    public override EncoderConfig ReadConfig(ConfigReader config)
    {
        int hidden = config.Int("dim"), layers = config.Int("n_layers"), positions = config.Int("max_position_embeddings");
        return new EncoderConfig
        {
            Source = config.Json,
            ModelType = ModelType,
            VocabularySize = config.Int("vocab_size"),
            HiddenSize = hidden,
            EmbeddingSize = hidden,
            LayerCount = layers,
            PhysicalLayerCount = layers,
            HeadCount = config.Int("n_heads"),
            IntermediateSize = config.Int("hidden_dim"),
            PadId = config.Int("pad_token_id", 0, 0),
            MaxLength = positions,
            PositionRows = positions,
            Activation = config.Activation("activation"),
            LayerNormEpsilon = 1e-12,
            HiddenDropout = config.Double("dropout", 0.1),
            DropsAttentionOutput = false,
            AttentionDropout = config.Double("attention_dropout", 0.1),
            ClassifierDropout = config.Double("seq_classif_dropout", 0.2),
            TiesWordEmbeddings = config.Bool("tie_word_embeddings", true),
            InitializerRange = config.Double("initializer_range", 0.02),
        };
    }
}
