namespace MLNet.FineTune.Encoders.Families;

/// <summary>ALBERT (Lan et al. 2019, arXiv 1909.11942): factorised embeddings, and layers that share their weights.</summary>
internal sealed class AlbertFamily : EncoderFamily
{
    public override string ModelType => "albert";
    public override string BasePrefix => "albert.";

    public override IReadOnlyDictionary<string, string> Modules { get; } =
        new Dictionary<string, string>(BertModules()) { ["embeddings.projection"] = "encoder.embedding_hidden_mapping_in" };

    public override IReadOnlyDictionary<string, string> LayerModules { get; } = new Dictionary<string, string>
    {
        ["attention.query"] = "attention.query",
        ["attention.key"] = "attention.key",
        ["attention.value"] = "attention.value",
        ["attention.output"] = "attention.dense",
        ["attention_norm"] = "attention.LayerNorm",
        ["ffn_in"] = "ffn",
        ["ffn_out"] = "ffn_output",
        ["ffn_norm"] = "full_layer_layer_norm",
    };

    public override SequenceHeadLayout SequenceHead { get; } = new("{base}pooler", "classifier", Activation.Tanh, InputDropout: false);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "predictions.dense", "predictions.LayerNorm", "predictions.bias", ["predictions.decoder.weight", "predictions.decoder.bias"]);

    public override string LayerPath(int layer) => $"encoder.albert_layer_groups.{layer}.albert_layers.0.";

    public override EncoderConfig ReadConfig(ConfigReader config)
    {
        config.RequireInt("inner_group_num", 1);
        return ReadBertConfig(config, activation: "gelu_new", dropout: 0) with
        {
            EmbeddingSize = config.Int("embedding_size", 128),
            DropsFeedForwardOutput = false,
            PhysicalLayerCount = config.Int("num_hidden_groups", 1),
            ClassifierDropout = config.Double("classifier_dropout_prob", 0.1),
        };
    }
}
