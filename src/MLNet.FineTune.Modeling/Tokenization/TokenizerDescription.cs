namespace MLNet.FineTune.Tokenization;

/// <summary>What every tokenizer has beside its algorithm.</summary>
internal sealed record TokenizerDescription
{
    /// <summary>The files it was loaded from, by name: all that is needed to load it again.</summary>
    public required IReadOnlyDictionary<string, byte[]> Files { get; init; }

    /// <summary>One more than the highest id.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The layout of special tokens.</summary>
    public required SequenceTemplate Template { get; init; }

    public required int PadId { get; init; }

    public required int UnkId { get; init; }

    public required int? MaskId { get; init; }

    /// <summary>The longest input the checkpoint states, in tokens; null where it states none.</summary>
    public required int? ModelMaxLength { get; init; }

    /// <summary>Tokens found in raw text: the special ones and those added to the vocabulary.</summary>
    public required AddedTokens AddedTokens { get; init; }
}
