using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary><c>tokenizer.json</c> with a byte-level BPE model, where <c>vocab.json</c> and <c>merges.txt</c> are not present.</summary>
internal sealed class ByteLevelBpeJsonFormat : ITokenizerFormat
{
    public string Description => "tokenizer.json with a byte-level BPE model";

    public bool Recognises(TokenizerFiles files) => files.Has(TokenizerJson.FileName) && TokenizerJson.Read(files).ModelType == "BPE";

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerJson json = TokenizerJson.Read(files);
        if (json.Step("normalizer") is { } normalizer)
            throw normalizer.Unsupported($"the normalizer '{normalizer.String("type")}' with a BPE model", "none");
        if (json.Step("pre_tokenizer") is not { } split || split.String("type") != "ByteLevel" || split.Boolean("use_regex") == false)
            throw json.Root.Unsupported($"the pre_tokenizer '{json.Step("pre_tokenizer")?.String("type") ?? "none"}' with a BPE model", "ByteLevel with use_regex");
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (!string.IsNullOrEmpty(json.Model.String(name)))
                throw json.Model.Unsupported($"{name} = '{json.Model.String(name)}'", "none, as in byte-level BPE");
        foreach (string name in (string[])["byte_fallback", "ignore_merges"])
            if (json.Model.Boolean(name) == true)
                throw json.Model.Unsupported($"{name} = true", "false");
        if (json.Model.Get("dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0))
            throw json.Model.Unsupported("dropout", "none");

        Dictionary<string, int> ids = json.Model.Vocabulary("vocab");
        List<AddedToken> added = json.AddedTokens();
        int? IdOf(string token) => added.Find(candidate => candidate.Content == token)?.Id ?? (ids.TryGetValue(token, out int id) ? id : null);
        SequenceTemplate template = json.Template(IdOf);
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        SpecialTokenDefaults defaults = IdOf(ByteLevelBpeFormat.Defaults.Cls) is null ? WordPieceFormat.BertDefaults : ByteLevelBpeFormat.Defaults;
        SpecialTokens special = SpecialTokens.Resolve(configuration, defaults, IdOf, files, TokenizerJson.FileName);
        special = special with { Cls = template.ClsId, Sep = template.SepId, All = [.. added.Concat(special.All).DistinctBy(token => token.Content)] };
        return ByteLevelBpeFormat.Build(files, TokenizerJson.FileName, ids, [.. json.Model.Array("merges").Select(Merge)], special, template,
            split.Boolean("add_prefix_space") ?? true, configuration.ModelMaxLength);
    }

    /// <summary>A merge is "left right" or, in newer files, ["left", "right"].</summary>
    private static string Merge(JsonFields merge) => merge.Element.ValueKind switch
    {
        JsonValueKind.String => merge.Element.GetString()!,
        JsonValueKind.Array when merge.Element.GetArrayLength() == 2 && merge.Element.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
            $"{merge.Element[0].GetString()} {merge.Element[1].GetString()}",
        _ => throw merge.Invalid($"'{merge.Path}' is not a merge; expected \"left right\" or [\"left\", \"right\"]."),
    };
}
