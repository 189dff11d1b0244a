namespace MLNet.FineTune.Tokenization;

/// <summary><c>spiece.model</c>: ALBERT, whose ids are the model's own.</summary>
internal sealed class AlbertFormat : ITokenizerFormat
{
    private const string ModelName = "spiece.model";

    private static readonly SpecialTokenDefaults Defaults = new("[CLS]", "[SEP]", "<pad>", "<unk>", "[MASK]", MaskStripsLeft: true);

    public string Description => $"{ModelName} (SentencePiece: albert)";

    public bool Recognises(TokenizerFiles files) => files.Has(ModelName);

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        configuration.RequireClass("AlbertTokenizer");
        SentencePieceModel model = SentencePieceModel.Read(files, ModelName);
        SpecialTokens special = SpecialTokens.Resolve(configuration, Defaults, token => model.Index.TryGetValue(token, out int id) ? id : null, files, ModelName);
        var preparation = new AlbertPreparation(configuration.Boolean("do_lower_case") ?? true, configuration.Boolean("keep_accents") ?? false, configuration.Boolean("remove_space") ?? true);
        var template = new SequenceTemplate(special.Cls, special.Sep, DoubleSeparator: false, PairsUseTokenTypes: true);
        return SentencePieceParts.Build(files, ModelName, model, special, template, model.Pieces.Count, configuration,
            preparation, segmenter => new AlbertSegmenter(model, segmenter), piece => piece);
    }
}
