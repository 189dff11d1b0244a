namespace MLNet.FineTune.Tokenization;

/// <summary>Options of <see cref="WordPieceTrainer"/>.</summary>
internal sealed class WordPieceTrainerOptions
{
    /// <summary>Most tokens, special ones included; fewer where the text has too few frequent pairs.</summary>
    /// <value>Default: 30522, BERT's.</value>
    public int VocabularySize { get; set; } = 30522;

    /// <summary>A pair of pieces is merged when it occurs at least this often.</summary>
    /// <value>Default: 2.</value>
    public int MinFrequency { get; set; } = 2;

    /// <summary>Whether text is lower-cased and accents are stripped.</summary>
    /// <value>Default: true.</value>
    public bool LowerCase { get; set; } = true;

    /// <summary>Which pair is merged next.</summary>
    /// <value>Default: <see cref="MergeCriterion.Frequency"/>.</value>
    public MergeCriterion Merge { get; set; } = MergeCriterion.Frequency;

    /// <summary>Most distinct characters; the most frequent are kept, and words with others do not count.</summary>
    /// <value>Default: 1000.</value>
    public int LimitAlphabet { get; set; } = 1000;
}
