namespace MLNet.FineTune.Tokenization;

/// <summary><c>vocab.txt</c> with <c>tokenizer_config.json</c>: BERT and its kin.</summary>
internal sealed class WordPieceFormat : ITokenizerFormat
{
    public const string VocabularyName = "vocab.txt";

    public static readonly SpecialTokenDefaults BertDefaults = new("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", MaskStripsLeft: false);
    public static readonly SpecialTokenDefaults MpnetDefaults = new("<s>", "</s>", "<pad>", "[UNK]", "<mask>", MaskStripsLeft: true);

    public string Description => "vocab.txt (WordPiece: bert, distilbert, electra, mpnet)";

    public bool Recognises(TokenizerFiles files) => files.Has(VocabularyName);

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        configuration.RequireClass("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MPNetTokenizer", "MobileBertTokenizer", "ConvBertTokenizer",
            "SqueezeBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer", "RetriBertTokenizer", "PreTrainedTokenizer");
        Dictionary<string, int> ids = WordPieceVocabulary.ReadLines(files, VocabularyName);
        bool mpnet = configuration.TokenizerClass == "MPNetTokenizer"
            || !ids.ContainsKey(configuration.Role("cls_token")?.Content ?? BertDefaults.Cls) && ids.ContainsKey(MpnetDefaults.Cls)
            || configuration.Role("cls_token")?.Content == MpnetDefaults.Cls;
        SpecialTokens special = SpecialTokens.Resolve(configuration, mpnet ? MpnetDefaults : BertDefaults, token => ids.TryGetValue(token, out int id) ? id : null, files, VocabularyName);
        BertNormalization normalization = Normalization(files, configuration);
        string unknown = configuration.Role("unk_token")?.Content ?? BertDefaults.Unk;
        return Build(files, new WordPieceVocabulary(ids, unknown), normalization, special, new SequenceTemplate(special.Cls, special.Sep, mpnet, !mpnet), configuration.ModelMaxLength);
    }

    /// <summary>Puts the parts of a WordPiece tokenizer together.</summary>
    public static TextTokenizer Build(TokenizerFiles files, WordPieceVocabulary vocabulary, BertNormalization normalization,
        SpecialTokens special, SequenceTemplate template, int? modelMaxLength)
    {
        if (!vocabulary.Ids.ContainsKey(vocabulary.Unknown))
            throw files.Invalid(files.Has(VocabularyName) ? VocabularyName : TokenizerJson.FileName, $"the vocabulary has no '{vocabulary.Unknown}', which stands for unknown words.");
        return new WordPieceTextTokenizer(new TokenizerDescription
        {
            Files = files.ReadSoFar(),
            VocabularySize = Math.Max(vocabulary.Size, special.HighestId + 1),
            Template = template,
            PadId = special.Pad,
            UnkId = special.Unk,
            MaskId = special.Mask,
            ModelMaxLength = modelMaxLength,
            AddedTokens = new AddedTokens(special.All),
        }, vocabulary, normalization);
    }

    /// <summary>The configuration's settings; where it says nothing about case, those of <c>tokenizer.json</c>; else the library's defaults.</summary>
    private static BertNormalization Normalization(TokenizerFiles files, TokenizerConfiguration configuration)
    {
        if (configuration.Boolean("do_basic_tokenize") == false)
            throw files.Unsupported(TokenizerConfiguration.FileName, "do_basic_tokenize = false", "true");
        if (configuration.Boolean("do_lower_case") is null && files.Has(TokenizerJson.FileName))
            return WordPieceJsonFormat.Normalization(TokenizerJson.Read(files));
        bool lowerCase = configuration.Boolean("do_lower_case") ?? true;
        return new BertNormalization(lowerCase, configuration.Boolean("strip_accents") ?? lowerCase, configuration.Boolean("tokenize_chinese_chars") ?? true);
    }
}
