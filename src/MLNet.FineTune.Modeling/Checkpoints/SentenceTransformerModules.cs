using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints;

/// <summary>What a sentence-transformers directory adds to its encoder.</summary>
/// <param name="Pooling">How token vectors become the text's vector.</param>
/// <param name="Normalize">Whether that vector, or what the dense modules make of it, is scaled to length one.</param>
/// <param name="MaxSequenceLength">Tokens a text, special ones included; null where the directory does not say.</param>
/// <param name="TransformerPath">The directory with the encoder's <c>config.json</c> and weights: the directory itself, or a folder in it.</param>
/// <param name="LowerCase">Whether texts are lower-cased before they are tokenised, whatever the tokenizer does.</param>
internal sealed record SentenceTransformerModules(PoolingModes Pooling, bool Normalize, int? MaxSequenceLength, string TransformerPath, bool LowerCase = false)
{
    /// <summary>The folders of the Dense modules between pooling and normalisation, in their order.</summary>
    public IReadOnlyList<string> DenseFolders { get; init; } = [];

    /// <summary>Whether the tokens of a prompt are pooled like those of the text.</summary>
    public bool PoolsPrompt { get; init; } = true;

    /// <summary>What may go before texts.</summary>
    public EncoderPrompts Prompts { get; init; } = EncoderPrompts.None;

    public const string ModulesFile = "modules.json";
    public const string PoolingConfigFile = "config.json";
    public const string DenseType = ".Dense";

    /// <summary>The names under which sentence-transformers has kept the transformer module's options.</summary>
    public static readonly string[] TransformerConfigFiles =
        [.. new[] { "bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet" }.Select(family => $"sentence_{family}_config.json")];

    /// <summary>What sentence-transformers calls the modes: the newest versions name them, older ones have a flag for each.</summary>
    public static readonly (string Flag, string Name, PoolingMode Mode)[] Modes =
    [
        ("pooling_mode_cls_token", "cls", PoolingMode.Cls),
        ("pooling_mode_mean_tokens", "mean", PoolingMode.Mean),
        ("pooling_mode_max_tokens", "max", PoolingMode.Max),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", "weightedmean", PoolingMode.WeightedMean),
        ("pooling_mode_lasttoken", "lasttoken", PoolingMode.LastToken),
    ];

    /// <summary>Reads the layout; null where the directory is a plain encoder.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or a module or pooling mode is not supported.</exception>
    public static SentenceTransformerModules? Read(string directory)
    {
        string path = Path.Combine(directory, ModulesFile);
        if (!File.Exists(path))
            return null;
        string? transformer = null;
        (PoolingModes Modes, bool Prompt)? pooling = null;
        var dense = new List<string>();
        bool normalize = false;
        foreach ((string type, string folder) in List(path))
        {
            switch (type[(type.LastIndexOf('.') + 1)..])
            {
                case "Transformer" when transformer is null:
                    transformer = folder;
                    break;
                case "Pooling" when transformer is not null && pooling is null:
                    pooling = ReadPooling(Path.Combine(folder, PoolingConfigFile));
                    break;
                case "Dense" when pooling is not null && !normalize:
                    dense.Add(folder);
                    break;
                case "Normalize" when pooling is not null:
                    normalize = true;
                    break;
                default:
                    throw new InvalidDataException($"{path}: the module '{type}' is not supported here; expected a Transformer, then a Pooling, then perhaps Dense modules and a Normalize module.");
            }
        }
        if (transformer is null || pooling is null)
            throw new InvalidDataException($"{path}: there is no {(transformer is null ? "Transformer" : "Pooling")} module.");
        (int? length, bool lowerCase) = ReadTransformer(transformer);
        return new SentenceTransformerModules(pooling.Value.Modes, normalize, length, transformer, lowerCase)
        {
            DenseFolders = dense,
            PoolsPrompt = pooling.Value.Prompt,
            Prompts = EncoderPrompts.Read(directory),
        };
    }

    /// <summary>The modules' types and folders, in the order in which they run.</summary>
    /// <param name="path">The path of <c>modules.json</c>.</param>
    /// <exception cref="InvalidDataException">The file is malformed, or a module lies outside its folder.</exception>
    public static IReadOnlyList<(string Type, string Folder)> List(string path)
    {
        if (JsonFile.Read(path) is not JsonArray array)
            throw new InvalidDataException($"{path}: the file does not hold a JSON array.");
        string directory = Path.GetDirectoryName(path)!;
        var modules = new List<(long Index, string Type, string Folder)>();
        foreach (JsonNode? node in array)
        {
            JsonObject module = node as JsonObject ?? throw new InvalidDataException($"{path}: a module is not a JSON object.");
            string type = module.Value<string>("type", path) ?? throw new InvalidDataException($"{path}: a module has no 'type'.");
            string folder = module.Value<string>("path", path)?.TrimEnd('/') ?? "";
            modules.Add((module.Value<long?>("idx", path) ?? modules.Count, type, folder.Length == 0 ? directory : FolderPath.Combine(directory, folder, path)));
        }
        return [.. modules.OrderBy(module => module.Index).Select(module => (module.Type, module.Folder))];
    }

    private static (PoolingModes Modes, bool Prompt) ReadPooling(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: the pooling module's configuration is missing.");
        JsonObject config = JsonFile.ReadObject(path);
        string[]? names = config["pooling_mode"] is JsonArray ? config.Texts("pooling_mode", path) : config.Value<string>("pooling_mode", path) is { } name ? [name] : null;
        PoolingMode[] chosen = names is null
            ? [.. Modes.Where(mode => config.Value<bool?>(mode.Flag, path) ?? mode.Mode == PoolingMode.Mean).Select(mode => mode.Mode)]
            : [.. names.Select(one => Modes.FirstOrDefault(mode => mode.Name == one) is { Name: not null } known ? known.Mode : throw Unsupported($"'{one}' is not supported"))];
        return chosen.Length == 0 ? throw Unsupported("mode is missing") : (new PoolingModes(chosen), config.Value<bool?>("include_prompt", path) ?? true);

        InvalidDataException Unsupported(string found) => new($"{path}: the pooling {found}; expected one or several of {string.Join(", ", Modes.Select(mode => mode.Name))}.");
    }

    private static (int? MaxLength, bool LowerCase) ReadTransformer(string folder)
    {
        string? path = TransformerConfigFiles.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        if (path is null)
            return (null, false);
        JsonObject config = JsonFile.ReadObject(path);
        int? length = config.Value<int?>("max_seq_length", path);
        if (length < 1)
            throw new InvalidDataException($"{path}: 'max_seq_length' is {length}; expected at least 1.");
        return (length, config.Value<bool?>("do_lower_case", path) ?? false);
    }
}
