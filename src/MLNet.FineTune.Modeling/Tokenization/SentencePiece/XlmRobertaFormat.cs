namespace MLNet.FineTune.Tokenization;

/// <summary><c>sentencepiece.bpe.model</c>: XLM-RoBERTa, whose ids are those of fairseq.</summary>
/// <remarks>fairseq puts <c>&lt;s&gt; &lt;pad&gt; &lt;/s&gt; &lt;unk&gt;</c> at 0 to 3 where the model has <c>&lt;unk&gt; &lt;s&gt; &lt;/s&gt;</c> at 0 to 2, so every other piece moves up by one; the mask comes last.</remarks>
internal sealed class XlmRobertaFormat : ITokenizerFormat
{
    private const string ModelName = "sentencepiece.bpe.model";
    private const int FairseqOffset = 1;

    private static readonly SpecialTokenDefaults Defaults = new("<s>", "</s>", "<pad>", "<unk>", "<mask>", MaskStripsLeft: true);

    public string Description => $"{ModelName} (SentencePiece: xlm-roberta)";

    public bool Recognises(TokenizerFiles files) => files.Has(ModelName);

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        configuration.RequireClass("XLMRobertaTokenizer");
        SentencePieceModel model = SentencePieceModel.Read(files, ModelName);
        int mask = model.Pieces.Count + FairseqOffset;
        int? IdOf(string token) => token switch
        {
            "<s>" => 0,
            "<pad>" => 1,
            "</s>" => 2,
            "<unk>" => 3,
            "<mask>" => mask,
            _ => model.Index.TryGetValue(token, out int piece) ? piece + FairseqOffset : null,
        };
        SpecialTokens special = SpecialTokens.Resolve(configuration, Defaults, IdOf, files, ModelName);
        var template = new SequenceTemplate(special.Cls, special.Sep, DoubleSeparator: true, PairsUseTokenTypes: false);
        return SentencePieceParts.Build(files, ModelName, model, special, template, mask + 1, configuration,
            new PlainPreparation(lowerCase: false), segmenter => segmenter, piece => piece + FairseqOffset);
    }
}
