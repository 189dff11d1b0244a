namespace MLNet.FineTune.Encoders.Families;

/// <summary>ELECTRA (Clark et al. 2020, arXiv 2003.10555); the discriminator, or a generator for its masked-language-model head.</summary>
internal sealed class ElectraFamily : EncoderFamily
{
    public override string ModelType => "electra";
    public override string BasePrefix => "electra.";

    public override IReadOnlyDictionary<string, string> Modules { get; } =
        new Dictionary<string, string>(BertModules()) { ["embeddings.projection"] = "embeddings_project" };

    public override IReadOnlyDictionary<string, string> LayerModules { get; } = BertLayerModules();

    public override SequenceHeadLayout SequenceHead { get; } = new("classifier.dense", "classifier.out_proj", Activation.Gelu, InputDropout: true);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias", ["generator_lm_head.weight"], Activation.Gelu);

    public override EncoderConfig ReadConfig(ConfigReader config) => ReadBertConfig(config) with { EmbeddingSize = config.Int("embedding_size", 128) };
}
