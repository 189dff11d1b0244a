namespace MLNet.FineTune.Encoders.Families;

/// <summary>DeBERTa v2 and v3 (He et al. 2020, arXiv 2006.03654; He et al. 2021, arXiv 2111.09543): disentangled attention.</summary>
internal sealed class DebertaV2Family : EncoderFamily
{
    public override string ModelType => "deberta-v2";
    public override string BasePrefix => "deberta.";

    public override IReadOnlyDictionary<string, string> Modules { get; } = new Dictionary<string, string>(BertModules())
    {
        ["relative_embeddings"] = "encoder.rel_embeddings",
        ["relative_norm"] = "encoder.LayerNorm",
    };

    public override IReadOnlyDictionary<string, string> LayerModules { get; } = new Dictionary<string, string>(BertLayerModules())
    {
        ["attention.query"] = "attention.self.query_proj",
        ["attention.key"] = "attention.self.key_proj",
        ["attention.value"] = "attention.self.value_proj",
        ["attention.disentangled.position_key"] = "attention.self.pos_key_proj",
        ["attention.disentangled.position_query"] = "attention.self.pos_query_proj",
    };

    public override SequenceHeadLayout SequenceHead { get; } = new("pooler.dense", "classifier", Activation.Gelu, InputDropout: true);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias",
        ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"]);

    public override EncoderConfig ReadConfig(ConfigReader config)
    {
        EncoderConfig read = ReadBertConfig(config);
        config.RequireInt("conv_kernel_size", 0);
        config.RequireInt("embedding_size", read.HiddenSize);
        config.RequireText("pooler_hidden_act", "gelu");
        int maximum = config.Int("max_relative_positions", -1, int.MinValue);
        IReadOnlyList<string> terms = config.Texts("pos_att_type");
        if (!config.Bool("relative_attention", false) || !(terms.Contains("c2p") || terms.Contains("p2c")))
            throw new NotSupportedException($"{config.Location}: DeBERTa without relative attention is not supported; expected 'relative_attention' true and 'pos_att_type' with c2p or p2c.");
        return read with
        {
            PositionRows = config.Bool("position_biased_input", true) ? read.PositionRows : 0,
            TokenTypeCount = config.Int("type_vocab_size", 0, 0),
            LayerNormEpsilon = config.Double("layer_norm_eps", 1e-7),
            ClassifierDropout = config.Double("cls_dropout", read.HiddenDropout),
            PoolerDropout = config.Double("pooler_dropout", 0),
            Disentangled = new DisentangledConfig(
                maximum < 1 ? read.MaxLength : maximum,
                config.Int("position_buckets", -1, int.MinValue),
                config.Bool("share_att_key", false),
                terms.Contains("c2p"),
                terms.Contains("p2c"),
                config.Text("norm_rel_ebd", "none").Split('|').Contains("layer_norm")),
        };
    }
}
