using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say; every one of them may be absent.</summary>
internal sealed class TokenizerConfiguration
{
    public const string FileName = "tokenizer_config.json";
    private const string MapName = "special_tokens_map.json";
    private const string AddedName = "added_tokens.json";

    /// <summary>Lengths above this mean "no limit": Hugging Face writes 10^30.</summary>
    private const double LongestSaneLength = 1_000_000;

    private readonly TokenizerFiles _files;
    private readonly JsonFields? _configuration;
    private readonly JsonFields? _map;

    private TokenizerConfiguration(TokenizerFiles files)
    {
        _files = files;
        _configuration = files.Has(FileName) ? JsonFields.Root(files, FileName) : null;
        _map = files.Has(MapName) ? JsonFields.Root(files, MapName) : null;
    }

    public static TokenizerConfiguration Read(TokenizerFiles files) => new(files);

    /// <summary>The name of Hugging Face's class without the suffix <c>Fast</c>; null where none is stated.</summary>
    public string? TokenizerClass
    {
        get
        {
            string? name = _configuration?.String("tokenizer_class");
            if (name == "TokenizersBackend")
                return "PreTrainedTokenizer"; // its name since transformers 5
            return name?.EndsWith("Fast", StringComparison.Ordinal) == true ? name[..^4] : name;
        }
    }

    public bool? Boolean(string name) => _configuration?.Boolean(name);

    /// <summary>The stated longest input in tokens, or null.</summary>
    public int? ModelMaxLength =>
        _configuration?.Get("model_max_length") is { ValueKind: JsonValueKind.Number } value && value.GetDouble() is >= 4 and <= LongestSaneLength and var length
            ? (int)length : null;

    /// <summary>Fails when the stated class is none of those a format serves.</summary>
    public void RequireClass(params string[] supported)
    {
        if (TokenizerClass is { } name && !supported.Contains(name, StringComparer.Ordinal))
            throw _files.Unsupported(FileName, $"the tokenizer class '{name}' (with files {_files.Listing()})", string.Join(", ", supported));
    }

    /// <summary>The text of a special token by role (<c>cls_token</c>, <c>mask_token</c> …), with its stripping where stated; null where not stated.</summary>
    public (string Content, bool? StripLeft, bool? StripRight)? Role(string role)
    {
        foreach (JsonFields? source in (JsonFields?[])[_map, _configuration])
        {
            if (source?.Get(role) is not { } value)
                continue;
            if (value.ValueKind == JsonValueKind.String)
                return (value.GetString()!, null, null);
            JsonFields token = source.Value.Object(role)!.Value;
            return (token.String("content") ?? throw token.Invalid($"the field '{role}' has no 'content'."), token.Boolean("lstrip"), token.Boolean("rstrip"));
        }
        return null;
    }

    /// <summary>Tokens beside those of the roles: explicitly numbered ones, and additional special tokens (id null: look it up).</summary>
    public IEnumerable<StatedToken> Added()
    {
        if (_configuration?.Object("added_tokens_decoder") is { } decoder)
        {
            foreach (JsonProperty entry in decoder.Element.EnumerateObject())
            {
                if (!int.TryParse(entry.Name, out int id) || id is < 0 or > JsonFields.HighestTokenId)
                    throw decoder.Invalid($"the field 'added_tokens_decoder' names '{entry.Name}'; expected token ids.");
                JsonFields token = decoder.Object(entry.Name) ?? throw decoder.Invalid($"the field 'added_tokens_decoder.{entry.Name}' is null.");
                yield return Describe(token, id);
            }
        }
        if (_files.Has(AddedName))
        {
            foreach ((string content, int id) in AddedVocabulary())
                yield return new StatedToken(content, id);
        }
        foreach (JsonFields? source in (JsonFields?[])[_map, _configuration])
        {
            foreach (JsonFields token in source?.Array("additional_special_tokens") ?? [])
            {
                if (token.Element.ValueKind == JsonValueKind.String)
                    yield return new StatedToken(token.Element.GetString()!, Normalized: false);
                else
                    yield return Describe(token, null);
            }
        }
    }

    /// <summary>An entry of <c>added_tokens</c> as Hugging Face writes it; special tokens are not normalised unless it says so.</summary>
    public static StatedToken Describe(JsonFields token, int? id)
    {
        if (token.Boolean("single_word") == true)
            throw token.Unsupported("an added token with single_word", "added tokens without it");
        string content = token.String("content") ?? throw token.Invalid($"the added token '{token.Path}' has no 'content'.");
        return new StatedToken(content, id, token.Boolean("lstrip"), token.Boolean("rstrip"), token.Boolean("normalized") ?? (token.Boolean("special") == true ? false : null));
    }

    private Dictionary<string, int> AddedVocabulary()
    {
        JsonFields added = JsonFields.Root(_files, AddedName);
        return added.Element.EnumerateObject().Any() ? added.Vocabulary(null) : [];
    }
}
