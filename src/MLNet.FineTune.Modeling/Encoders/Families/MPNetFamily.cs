using MLNet.FineTune.Encoders.Attention;

namespace MLNet.FineTune.Encoders.Families;

/// <summary>MPNet (Song et al. 2020, arXiv 2004.09297): absolute positions and a learned bias by bucketed distance, shared by all layers.</summary>
internal sealed class MPNetFamily : EncoderFamily
{
    public override string ModelType => "mpnet";
    public override string BasePrefix => "mpnet.";

    public override IReadOnlyDictionary<string, string> Modules { get; } =
        new Dictionary<string, string>(BertModules()) { ["relative_bias"] = "encoder.relative_attention_bias" };

    public override IReadOnlyDictionary<string, string> LayerModules { get; } = new Dictionary<string, string>(BertLayerModules())
    {
        ["attention.query"] = "attention.attn.q",
        ["attention.key"] = "attention.attn.k",
        ["attention.value"] = "attention.attn.v",
        ["attention.output"] = "attention.attn.o",
        ["attention_norm"] = "attention.LayerNorm",
    };

    public override SequenceHeadLayout SequenceHead { get; } = new("classifier.dense", "classifier.out_proj", Activation.Tanh, InputDropout: true);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "lm_head.dense", "lm_head.layer_norm", "lm_head.bias", ["lm_head.decoder.weight", "lm_head.decoder.bias"], Activation.Gelu);

    public override EncoderConfig ReadConfig(ConfigReader config)
    {
        EncoderConfig read = WithOffsetPositions(ReadBertConfig(config, padId: RobertaPadId));
        // MPNet's classification head uses the hidden dropout, and the family has no segments.
        return read with { TokenTypeCount = 0, ClassifierDropout = read.HiddenDropout, RelativeBuckets = config.Int("relative_attention_num_buckets", 32, 4, 4 * RelativePositions.MaxDistance - 1) };
    }
}
