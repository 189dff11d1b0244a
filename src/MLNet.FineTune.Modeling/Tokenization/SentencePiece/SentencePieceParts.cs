namespace MLNet.FineTune.Tokenization;

/// <summary>What the SentencePiece formats share.</summary>
internal static class SentencePieceParts
{
    /// <summary>Puts the parts of a SentencePiece tokenizer together.</summary>
    /// <param name="files">The files it is read from.</param>
    /// <param name="modelName">The model's file.</param>
    /// <param name="model">The model.</param>
    /// <param name="special">Special and added tokens.</param>
    /// <param name="template">Their layout.</param>
    /// <param name="size">How many ids the family has.</param>
    /// <param name="configuration">What the other files say.</param>
    /// <param name="preparation">What the family does to text first.</param>
    /// <param name="around">What the family adds to the model's algorithm.</param>
    /// <param name="idOf">The family's id of a piece.</param>
    public static TextTokenizer Build(TokenizerFiles files, string modelName, SentencePieceModel model, SpecialTokens special, SequenceTemplate template, int size,
        TokenizerConfiguration configuration, ITextPreparation preparation, Func<IPieceSegmenter, IPieceSegmenter> around, Func<int, int> idOf)
    {
        SentencePieceNormalizer normalizer;
        try
        {
            normalizer = new SentencePieceNormalizer(model);
        }
        catch (InvalidDataException e)
        {
            throw files.Invalid(modelName, $"not a sound SentencePiece model: {e.Message}.", e);
        }
        IPieceSegmenter segmenter = model.Algorithm == SentencePieceAlgorithm.Unigram ? new UnigramSegmenter(model) : new BpeSegmenter(model);
        var description = new TokenizerDescription
        {
            Files = files.ReadSoFar(),
            VocabularySize = Math.Max(size, special.HighestId + 1),
            Template = template,
            PadId = special.Pad,
            UnkId = special.Unk,
            MaskId = special.Mask,
            ModelMaxLength = configuration.ModelMaxLength,
            AddedTokens = new AddedTokens(special.All),
        };
        return new SentencePieceTextTokenizer(description, model, normalizer, preparation, around(segmenter), idOf);
    }
}
