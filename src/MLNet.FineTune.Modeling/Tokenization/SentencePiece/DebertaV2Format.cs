namespace MLNet.FineTune.Tokenization;

/// <summary><c>spm.model</c>: DeBERTa-v2 and v3, whose ids are the model's own, with the mask added after the last where the model has none.</summary>
internal sealed class DebertaV2Format : ITokenizerFormat
{
    private const string ModelName = "spm.model";

    private static readonly SpecialTokenDefaults Defaults = new("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", MaskStripsLeft: false);

    public string Description => $"{ModelName} (SentencePiece: deberta-v2, deberta-v3)";

    public bool Recognises(TokenizerFiles files) => files.Has(ModelName);

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        configuration.RequireClass("DebertaV2Tokenizer");
        if (configuration.Boolean("split_by_punct") == true)
            throw files.Unsupported(TokenizerConfiguration.FileName, "split_by_punct = true", "false");
        SentencePieceModel model = SentencePieceModel.Read(files, ModelName);
        int? IdOf(string token) => model.Index.TryGetValue(token, out int id) ? id : token == Defaults.Mask ? model.Pieces.Count : null;
        SpecialTokens special = SpecialTokens.Resolve(configuration, Defaults, IdOf, files, ModelName);
        var template = new SequenceTemplate(special.Cls, special.Sep, DoubleSeparator: false, PairsUseTokenTypes: true);
        return SentencePieceParts.Build(files, ModelName, model, special, template, model.Pieces.Count, configuration,
            new PlainPreparation(configuration.Boolean("do_lower_case") ?? false), segmenter => segmenter, piece => piece);
    }
}
