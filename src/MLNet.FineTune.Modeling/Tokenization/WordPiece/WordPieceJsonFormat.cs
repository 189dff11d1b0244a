namespace MLNet.FineTune.Tokenization;

/// <summary><c>tokenizer.json</c> with a WordPiece model, where no <c>vocab.txt</c> is present.</summary>
internal sealed class WordPieceJsonFormat : ITokenizerFormat
{
    private const string SupportedModels = "WordPiece, byte-level BPE and Unigram in tokenizer.json (other SentencePiece models from their .model file)";

    public string Description => "tokenizer.json with a WordPiece model";

    /// <summary>The last format to look at <c>tokenizer.json</c>: it also reports models that no format reads.</summary>
    public bool Recognises(TokenizerFiles files) => files.Has(TokenizerJson.FileName);

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerJson json = TokenizerJson.Read(files);
        if (json.ModelType != "WordPiece")
            throw json.Model.Unsupported($"the model '{json.ModelType}'", SupportedModels);
        BertNormalization normalization = Normalization(json);
        if (json.Step("pre_tokenizer") is not { } split || split.String("type") != "BertPreTokenizer")
            throw json.Root.Unsupported($"the pre_tokenizer '{json.Step("pre_tokenizer")?.String("type") ?? "none"}' with a WordPiece model", "BertPreTokenizer");

        Dictionary<string, int> ids = json.Model.Vocabulary("vocab");
        int highest = ids.Values.Max();
        if (highest > 4L * ids.Count + 1000 || ids.Keys.Any(token => token.AsSpan().IndexOfAny('\r', '\n') >= 0))
            throw json.Model.Invalid($"the vocabulary of {ids.Count} tokens has ids up to {highest} or tokens with line breaks; it is damaged.");
        List<AddedToken> added = json.AddedTokens();
        int? IdOf(string token) => added.Find(candidate => candidate.Content == token)?.Id ?? (ids.TryGetValue(token, out int id) ? id : null);
        SequenceTemplate template = json.Template(IdOf);
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        if (configuration.Boolean("do_lower_case") is { } lowerCase && configuration.TokenizerClass is not (null or "PreTrainedTokenizer"))
        {
            // Hugging Face's classes let tokenizer_config.json prevail over tokenizer.json.
            normalization = normalization with { LowerCase = lowerCase, StripAccents = configuration.Boolean("strip_accents") ?? lowerCase };
        }
        string unknown = json.Model.String("unk_token") ?? "[UNK]";
        SpecialTokenDefaults defaults = (template.DoubleSeparator ? WordPieceFormat.MpnetDefaults : WordPieceFormat.BertDefaults) with { Unk = unknown };
        SpecialTokens special = SpecialTokens.Resolve(configuration, defaults, IdOf, files, TokenizerJson.FileName);
        special = special with { Cls = template.ClsId, Sep = template.SepId, All = [.. added.Concat(special.All).DistinctBy(token => token.Content)] };
        var vocabulary = new WordPieceVocabulary(ids, unknown, json.Model.String("continuing_subword_prefix") ?? "##", LongestWord(json));
        return WordPieceFormat.Build(files, vocabulary, normalization, special, template, configuration.ModelMaxLength);
    }

    /// <summary>The settings of a <c>BertNormalizer</c>.</summary>
    public static BertNormalization Normalization(TokenizerJson json)
    {
        if (json.Step("normalizer") is not { } normalizer || normalizer.String("type") != "BertNormalizer")
            throw json.Root.Unsupported($"the normalizer '{json.Step("normalizer")?.String("type") ?? "none"}' with a WordPiece model", "BertNormalizer");
        bool lowerCase = normalizer.Boolean("lowercase") ?? true;
        return new BertNormalization(lowerCase, normalizer.Boolean("strip_accents") ?? lowerCase, normalizer.Boolean("handle_chinese_chars") ?? true, normalizer.Boolean("clean_text") ?? true);
    }

    private static int LongestWord(TokenizerJson json) =>
        json.Model.Integer("max_input_chars_per_word") switch
        {
            null => 100,
            > 0 and < 1_000_000 and { } length => length,
            { } other => throw json.Model.Invalid($"max_input_chars_per_word is {other}; expected a positive number of characters."),
        };
}
