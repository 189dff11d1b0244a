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
        return SentencePieceParts.Build(files, ModelName, model, special, template, mask + 1, configuration, new PlainPreparation(lowerCase: false), segmenter => segmenter, piece => piece + FairseqOffset);
    }
}

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
        return SentencePieceParts.Build(files, ModelName, model, special, template, model.Pieces.Count, configuration, preparation, segmenter => new AlbertSegmenter(model, segmenter), piece => piece);
    }
}

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
        return SentencePieceParts.Build(files, ModelName, model, special, template, model.Pieces.Count, configuration, new PlainPreparation(configuration.Boolean("do_lower_case") ?? false), segmenter => segmenter, piece => piece);
    }
}

/// <summary>What the SentencePiece formats share.</summary>
internal static class SentencePieceParts
{
    public static TextTokenizer Build(TokenizerFiles files, string modelName, SentencePieceModel model, SpecialTokens special, SequenceTemplate template, int size,
        TokenizerConfiguration configuration, ITextPreparation preparation, Func<IPieceSegmenter, IPieceSegmenter> around, Func<int, int> idOf)
    {
        SentencePieceNormalizer normalizer;
        try
        {
            normalizer = new SentencePieceNormalizer(model);
        }
        catch (InvalidDataException e)
        {
            throw files.Invalid(modelName, $"not a sound SentencePiece model: {e.Message}.", e);
        }
        IPieceSegmenter segmenter = model.Algorithm == SentencePieceAlgorithm.Unigram ? new UnigramSegmenter(model) : new BpeSegmenter(model);
        var description = new TokenizerDescription
        {
            Files = files.ReadSoFar(),
            VocabularySize = Math.Max(size, special.HighestId + 1),
            Template = template,
            PadId = special.Pad,
            UnkId = special.Unk,
            MaskId = special.Mask,
            ModelMaxLength = configuration.ModelMaxLength,
            AddedTokens = new AddedTokens(special.All),
        };
        return new SentencePieceTextTokenizer(description, model, normalizer, preparation, around(segmenter), idOf);
    }
}
