namespace MLNet.FineTune.Tokenization;

/// <summary>Which pair of pieces <see cref="WordPieceTrainer"/> merges next.</summary>
internal enum MergeCriterion
{
    /// <summary>The most frequent one, as byte-pair encoding (Sennrich, Haddow, Birch 2015, arXiv 1508.07909) and Hugging Face's trainer do.</summary>
    Frequency,

    /// <summary>
    /// The one that raises the likelihood of the text most, under a model that draws pieces independently: the highest
    /// count(ab) / (count(a) · count(b)) (Schuster, Nakajima 2012, "Japanese and Korean voice search"). It favours pieces
    /// that hardly occur apart, so rare ones first: it wants a higher <see cref="WordPieceTrainerOptions.MinFrequency"/>.
    /// </summary>
    Likelihood,
}
