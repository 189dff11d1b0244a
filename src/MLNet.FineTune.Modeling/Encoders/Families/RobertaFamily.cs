namespace MLNet.FineTune.Encoders.Families;

/// <summary>RoBERTa (Liu et al. 2019, arXiv 1907.11692) and XLM-RoBERTa (Conneau et al. 2019, arXiv 1911.02116), which share their layout.</summary>
internal sealed class RobertaFamily(string modelType) : EncoderFamily
{
    public override string ModelType => modelType;
    public override string BasePrefix => "roberta.";
    public override IReadOnlyDictionary<string, string> Modules { get; } = BertModules();
    public override IReadOnlyDictionary<string, string> LayerModules { get; } = BertLayerModules();

    public override SequenceHeadLayout SequenceHead { get; } = new("classifier.dense", "classifier.out_proj", Activation.Tanh, InputDropout: true);

    public override MaskedHeadLayout MaskedHead { get; } = new(
        "lm_head.dense", "lm_head.layer_norm", "lm_head.bias", ["lm_head.decoder.weight", "lm_head.decoder.bias"], Activation.Gelu);

    public override EncoderConfig ReadConfig(ConfigReader config) => WithOffsetPositions(ReadBertConfig(config, padId: RobertaPadId));
}
