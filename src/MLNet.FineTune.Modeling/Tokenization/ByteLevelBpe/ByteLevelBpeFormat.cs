namespace MLNet.FineTune.Tokenization;

/// <summary><c>vocab.json</c> with <c>merges.txt</c>: RoBERTa and its kin.</summary>
internal sealed class ByteLevelBpeFormat : ITokenizerFormat
{
    public const string VocabularyName = "vocab.json";
    public const string MergesName = "merges.txt";

    public static readonly SpecialTokenDefaults Defaults = new("<s>", "</s>", "<pad>", "<unk>", "<mask>", MaskStripsLeft: true);

    public string Description => "vocab.json + merges.txt (byte-level BPE: roberta)";

    /// <summary>A checkpoint that names no class of its own (<c>PreTrainedTokenizerFast</c>) is described by its <c>tokenizer.json</c> alone.</summary>
    public bool Recognises(TokenizerFiles files) => files.Has(VocabularyName) && files.Has(MergesName)
        && !(files.Has(TokenizerJson.FileName) && TokenizerConfiguration.Read(files).TokenizerClass == "PreTrainedTokenizer");

    public TextTokenizer Load(TokenizerFiles files)
    {
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(files);
        configuration.RequireClass("RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer");
        Dictionary<string, int> ids = JsonFields.Root(files, VocabularyName).Vocabulary(null);
        List<string> merges = ReadMerges(files);
        SpecialTokens special = SpecialTokens.Resolve(configuration, Defaults, token => ids.TryGetValue(token, out int id) ? id : null, files, VocabularyName);
        var template = new SequenceTemplate(special.Cls, special.Sep, DoubleSeparator: true, PairsUseTokenTypes: false);
        return Build(files, MergesName, ids, merges, special, template, configuration.Boolean("add_prefix_space") ?? false, configuration.ModelMaxLength);
    }

    /// <summary>Checks the merges and puts the parts together.</summary>
    public static TextTokenizer Build(TokenizerFiles files, string mergesFile, Dictionary<string, int> ids, List<string> merges,
        SpecialTokens special, SequenceTemplate template, bool addPrefixSpace, int? modelMaxLength)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            string[] parts = merges[rank].Split(' ');
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                throw files.Invalid(mergesFile, $"merge {rank + 1} is '{merges[rank]}'; expected two tokens with a space between.");
            foreach (string token in (string[])[parts[0], parts[1], parts[0] + parts[1]])
                if (!ids.ContainsKey(token))
                    throw files.Invalid(mergesFile, $"merge {rank + 1} ('{merges[rank]}') needs the token '{token}', which the vocabulary lacks; the two belong to different models or one is damaged.");
            if (!seen.Add(merges[rank]))
                throw files.Invalid(mergesFile, $"the merge '{merges[rank]}' occurs twice.");
        }
        string? unknown = ids.FirstOrDefault(entry => entry.Value == special.Unk).Key;
        return new ByteLevelBpeTextTokenizer(new TokenizerDescription
        {
            Files = files.ReadSoFar(),
            VocabularySize = Math.Max(ids.Values.Max(), special.HighestId) + 1,
            Template = template,
            PadId = special.Pad,
            UnkId = special.Unk,
            MaskId = special.Mask,
            ModelMaxLength = modelMaxLength,
            AddedTokens = new AddedTokens(special.All),
        }, ids, merges, unknown, addPrefixSpace);
    }

    private static List<string> ReadMerges(TokenizerFiles files) =>
        [.. files.Lines(MergesName).Where((line, index) => line.Length > 0 && !(index == 0 && line.StartsWith("#version", StringComparison.Ordinal)))];
}
