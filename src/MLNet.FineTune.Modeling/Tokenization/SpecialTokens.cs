namespace MLNet.FineTune.Tokenization;

/// <summary>The special tokens a family has unless its files say otherwise.</summary>
/// <param name="Cls">Before the text.</param>
/// <param name="Sep">After each text.</param>
/// <param name="Pad">Fills batches.</param>
/// <param name="Unk">Stands for what the vocabulary cannot spell.</param>
/// <param name="Mask">To be predicted in masked language modelling.</param>
/// <param name="MaskStripsLeft">Whether the mask swallows white space before it.</param>
internal sealed record SpecialTokenDefaults(string Cls, string Sep, string Pad, string Unk, string Mask, bool MaskStripsLeft);

/// <summary>The special and added tokens of a tokenizer with their ids.</summary>
internal sealed record SpecialTokens(int Cls, int Sep, int Pad, int Unk, int? Mask, IReadOnlyList<AddedToken> All)
{
    /// <summary>The highest id among them.</summary>
    public int HighestId => All.Max(token => token.Id);

    /// <summary>Resolves names by configuration, else by the family's defaults, and ids by added tokens, else by the vocabulary.</summary>
    /// <param name="configuration">What the files state.</param>
    /// <param name="defaults">The family's names.</param>
    /// <param name="idOf">The id of a token of the vocabulary; null when it has none.</param>
    /// <param name="files">For messages.</param>
    /// <param name="vocabularyFile">The file that holds the vocabulary, for messages.</param>
    public static SpecialTokens Resolve(TokenizerConfiguration configuration, SpecialTokenDefaults defaults, Func<string, int?> idOf, TokenizerFiles files, string vocabularyFile)
    {
        var added = configuration.Added().ToList();
        var tokens = new List<AddedToken>();

        int? Find(string role, string byDefault, bool stripsLeft)
        {
            (string content, bool? left, bool? right) = configuration.Role(role) ?? (byDefault, null, null);
            StatedToken stated = added.Find(token => token.Content == content && token.Id is not null);
            int? id = stated.Id ?? idOf(content);
            if (id is { } known)
                tokens.Add(new AddedToken(content, known, left ?? stated.StripLeft ?? stripsLeft, right ?? stated.StripRight ?? false, stated.Normalized ?? false));
            return id;
        }
        int Require(string role, string byDefault) => Find(role, byDefault, stripsLeft: false)
            ?? throw files.Invalid(vocabularyFile, $"the vocabulary has no '{configuration.Role(role)?.Content ?? byDefault}', which is the {role} of this tokenizer; the file is damaged or belongs to another kind of model.");

        int cls = Require("cls_token", defaults.Cls), sep = Require("sep_token", defaults.Sep), pad = Require("pad_token", defaults.Pad), unk = Require("unk_token", defaults.Unk);
        int? mask = Find("mask_token", defaults.Mask, defaults.MaskStripsLeft);
        foreach (string role in (string[])["bos_token", "eos_token"])
            if (configuration.Role(role) is { } token)
                Find(role, token.Content, stripsLeft: false);
        foreach (StatedToken token in added)
            if ((token.Id ?? idOf(token.Content)) is { } known)
                tokens.Add(new AddedToken(token.Content, known, token.StripLeft ?? false, token.StripRight ?? false, token.Normalized ?? true));
        return new SpecialTokens(cls, sep, pad, unk, mask, [.. tokens.DistinctBy(token => token.Content)]);
    }
}
