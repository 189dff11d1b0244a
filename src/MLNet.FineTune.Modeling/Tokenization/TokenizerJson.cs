using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>The parts of <c>tokenizer.json</c> that every model in it shares: added tokens and the post-processor's template.</summary>
internal sealed class TokenizerJson
{
    public const string FileName = "tokenizer.json";

    private TokenizerJson(JsonFields root, JsonFields model)
    {
        Root = root;
        Model = model;
    }

    public JsonFields Root { get; }

    public JsonFields Model { get; }

    /// <summary>The kind of model (<c>WordPiece</c>, <c>BPE</c> …); old files leave it out and are told apart by their fields.</summary>
    public string ModelType => Model.String("type") ?? (Model.Get("merges") is not null ? "BPE" : Model.Get("continuing_subword_prefix") is not null ? "WordPiece" : "none");

    public static TokenizerJson Read(TokenizerFiles files)
    {
        JsonFields root = JsonFields.Root(files, FileName);
        return new TokenizerJson(root, root.Object("model") ?? throw root.Invalid("the field 'model' is missing; expected a tokenizer as Hugging Face's tokenizers library writes it."));
    }

    /// <summary>Tokens found in raw text.</summary>
    public List<AddedToken> AddedTokens()
    {
        var tokens = new List<AddedToken>();
        foreach (JsonFields entry in Root.Array("added_tokens"))
        {
            int id = entry.Integer("id") is >= 0 and <= JsonFields.HighestTokenId and { } known ? known : throw entry.Invalid($"'{entry.Path}' has no sound id.");
            StatedToken stated = TokenizerConfiguration.Describe(entry, id);
            tokens.Add(new AddedToken(stated.Content, id, stated.StripLeft ?? false, stated.StripRight ?? false, stated.Normalized ?? true));
        }
        return tokens;
    }

    /// <summary>The type of a step (<c>normalizer</c>, <c>pre_tokenizer</c>, <c>post_processor</c>), unwrapping a sequence of one; null where there is none.</summary>
    public JsonFields? Step(string name)
    {
        JsonFields? step = Root.Object(name);
        while (step?.String("type") == "Sequence")
        {
            JsonFields sequence = step.Value;
            JsonFields[] parts = [.. sequence.Array("normalizers"), .. sequence.Array("pretokenizers"), .. sequence.Array("processors")];
            step = parts.Length switch
            {
                0 => null,
                1 => parts[0],
                _ => throw sequence.Unsupported($"the {name} sequence {string.Join(" + ", parts.Select(part => part.String("type")))}", "a single one"),
            };
        }
        return step;
    }

    /// <summary>The layout of special tokens that the post-processor describes.</summary>
    public SequenceTemplate Template(Func<string, int?> idOf)
    {
        const string Supported = "BertProcessing, RobertaProcessing, and TemplateProcessing that equals one of them";
        if (Step("post_processor") is not { } step)
            throw Root.Unsupported("no post_processor", Supported);
        switch (step.String("type"))
        {
            case "BertProcessing":
                return new SequenceTemplate(Pair(step, "cls", idOf), Pair(step, "sep", idOf), DoubleSeparator: false, PairsUseTokenTypes: true);
            case "RobertaProcessing":
                return new SequenceTemplate(Pair(step, "cls", idOf), Pair(step, "sep", idOf), DoubleSeparator: true, PairsUseTokenTypes: false);
            case "TemplateProcessing":
                return ReadTemplate(step, idOf, Supported);
            default:
                throw step.Unsupported($"the post_processor '{step.String("type")}'", Supported);
        }
    }

    private static SequenceTemplate ReadTemplate(JsonFields step, Func<string, int?> idOf, string supported)
    {
        (string Name, int Type)[] single = [.. step.Array("single").Select(Item)], pair = [.. step.Array("pair").Select(Item)];
        string Shape((string Name, int Type)[] items) => string.Join(' ', items.Select(item => $"{item.Name}:{item.Type}"));
        if (single is [var cls, ("A", 0), var sep])
        {
            string first = $"{cls.Name}:0 A:0 {sep.Name}:0";
            (int clsId, int sepId) = (Id(step, cls.Name, idOf), Id(step, sep.Name, idOf));
            if (Shape(single) == first)
            {
                foreach (int type in (int[])[0, 1])
                {
                    string second = $"B:{type} {sep.Name}:{type}";
                    if (Shape(pair) == $"{first} {second}")
                        return new SequenceTemplate(clsId, sepId, DoubleSeparator: false, PairsUseTokenTypes: type == 1);
                    // Models with a double separator have no token types; what their template says about them has no effect.
                    if (Shape(pair) == $"{first} {sep.Name}:0 {second}" || Shape(pair) == $"{first} {sep.Name}:1 {second}")
                        return new SequenceTemplate(clsId, sepId, DoubleSeparator: true, PairsUseTokenTypes: false);
                }
            }
        }
        throw step.Unsupported($"the template '{Shape(single)}' / '{Shape(pair)}'", supported);
    }

    private static (string Name, int Type) Item(JsonFields item)
    {
        JsonFields part = item.Object("SpecialToken") ?? item.Object("Sequence") ?? throw item.Invalid($"'{item.Path}' is neither SpecialToken nor Sequence.");
        return (part.String("id") ?? throw item.Invalid($"'{part.Path}' has no id."), part.Integer("type_id") ?? 0);
    }

    private static int Pair(JsonFields step, string name, Func<string, int?> idOf)
    {
        JsonFields[] parts = [.. step.Array(name)];
        return parts.Length == 2 && parts[0].Element.ValueKind == JsonValueKind.String
            ? Id(step, parts[0].Element.GetString()!, idOf)
            : throw step.Invalid($"'{step.Path}.{name}' should be a token and its id.");
    }

    private static int Id(JsonFields step, string token, Func<string, int?> idOf) =>
        idOf(token) ?? throw step.Invalid($"'{step.Path}' uses the token '{token}', which is in neither the vocabulary nor added_tokens.");
}
