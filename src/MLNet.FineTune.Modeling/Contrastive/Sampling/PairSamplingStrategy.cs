namespace MLNet.FineTune;

/// <summary>How many pairs of texts an epoch of contrastive training takes, and how many of them are alike.</summary>
public enum PairSamplingStrategy
{
    /// <summary>As many pairs of one class as of different classes, each kind as often as the more frequent kind has pairs: those of the rarer kind are taken several times.</summary>
    Oversampling,

    /// <summary>As many pairs of one class as of different classes, each kind as often as the rarer kind has pairs.</summary>
    Undersampling,

    /// <summary>Every pair of two texts once, whatever its kind.</summary>
    Unique,
}
