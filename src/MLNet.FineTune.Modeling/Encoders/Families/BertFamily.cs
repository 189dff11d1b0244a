namespace MLNet.FineTune.Encoders.Families;

/// <summary>BERT (Devlin et al. 2018, arXiv 1810.04805).</summary>
internal sealed class BertFamily : EncoderFamily
{
    public override string ModelType => "bert";
    public override string BasePrefix => "bert.";
    public override IReadOnlyDictionary<string, string> Modules { get; } = BertModules();
    public override IReadOnlyDictionary<string, string> LayerModules { get; } = BertLayerModules();

    public override SequenceHeadLayout SequenceHead { get; } = new("{base}pooler.dense", "classifier", Activation.Tanh, InputDropout: false);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias",
        ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"]);

    public override EncoderConfig ReadConfig(ConfigReader config) => ReadBertConfig(config);
}
