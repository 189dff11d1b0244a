using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary><c>tokenizer.json</c> with a Unigram model, where no SentencePiece model is present: XLM-RoBERTa, ALBERT and DeBERTa as Python's transformers saves them since version 5.</summary>
internal sealed class UnigramJsonFormat : ITokenizerFormat
{
    private static readonly SpecialTokenDefaults Roberta = new("<s>", "</s>", "<pad>", "<unk>", "<mask>", MaskStripsLeft: true);
    private static readonly SpecialTokenDefaults Bert = new("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", MaskStripsLeft: false);

    public string Description => "tokenizer.json with a Unigram model";

    public bool Recognises(TokenizerFiles files) => files.Has(TokenizerJson.FileName) && !files.Has(WordPieceFormat.VocabularyName) && TokenizerJson.Read(files).ModelType == "Unigram";

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerJson json = TokenizerJson.Read(files);
        TextNormalizers normalizers = TextNormalizers.Read(json);
        MetaspaceSplitter splitter = MetaspaceSplitter.Read(json);
        List<AddedToken> added = json.AddedTokens();
        SentencePieceModel model = ReadModel(json, [.. added.Select(token => token.Content)]);
        int? IdOf(string token) => added.Find(candidate => candidate.Content == token)?.Id ?? (model.Index.TryGetValue(token, out int id) ? id : null);
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        SpecialTokenDefaults defaults = (IdOf(Roberta.Cls) is null ? Bert : Roberta) with { Unk = model.Pieces[model.Unknown].Text };
        if (IdOf(defaults.Pad) is null && IdOf(Roberta.Pad) is not null)
            defaults = defaults with { Pad = Roberta.Pad };
        SpecialTokens special = SpecialTokens.Resolve(configuration, defaults, IdOf, files, TokenizerJson.FileName);
        // The class of DeBERTa writes no post_processor: its template is in the code.
        SequenceTemplate template = json.Step("post_processor") is null && configuration.TokenizerClass == "DebertaV2Tokenizer"
            ? new SequenceTemplate(special.Cls, special.Sep, DoubleSeparator: false, PairsUseTokenTypes: true) : json.Template(IdOf);
        special = special with { Cls = template.ClsId, Sep = template.SepId, All = [.. added.Concat(special.All).DistinctBy(token => token.Content)] };
        return new UnigramTextTokenizer(new TokenizerDescription
        {
            Files = files.ReadSoFar(),
            VocabularySize = Math.Max(model.Pieces.Count, special.HighestId + 1),
            Template = template,
            PadId = special.Pad,
            UnkId = special.Unk,
            MaskId = special.Mask,
            ModelMaxLength = configuration.ModelMaxLength,
            AddedTokens = new AddedTokens(special.All),
        }, model, normalizers, splitter);
    }

    /// <summary>The pieces, in the order of their ids: pairs of text and logarithm of the probability.</summary>
    private static SentencePieceModel ReadModel(TokenizerJson json, HashSet<string> added)
    {
        var pieces = new List<VocabularyPiece>();
        foreach (JsonFields entry in json.Model.Array("vocab"))
        {
            if (entry.Element is not { ValueKind: JsonValueKind.Array } pair || pair.GetArrayLength() != 2 || pair[0].ValueKind != JsonValueKind.String || pair[1].ValueKind != JsonValueKind.Number)
                throw entry.Invalid($"'{entry.Path}' is not a piece; expected [\"text\", logarithm of its probability].");
            string text = pair[0].GetString()!;
            // What is found in the raw text cannot be met afterwards.
            pieces.Add(new VocabularyPiece(text, (float)pair[1].GetDouble(), added.Contains(text) ? PieceKind.Control : PieceKind.Normal));
        }
        int unknown = json.Model.Integer("unk_id") ?? throw json.Model.Unsupported("no unk_id", "a Unigram model with one");
        if (unknown < 0 || unknown >= pieces.Count)
            throw json.Model.Invalid($"unk_id is {unknown}; expected 0 to {pieces.Count - 1}, a piece of the vocabulary.");
        pieces[unknown] = pieces[unknown] with { Kind = PieceKind.Unknown };
        return SentencePieceModel.Of(pieces, json.Model.Boolean("byte_fallback") ?? false, json.Root);
    }
}
