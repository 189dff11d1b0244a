namespace MLNet.FineTune;

/// <summary>How hidden states of an encoder are compared with its teacher's, token by token.</summary>
public enum HiddenStateMatch
{
    /// <summary>The mean squared difference (TinyBERT; Jiao et al. 2019, arXiv 1909.10351).</summary>
    MeanSquaredError,

    /// <summary>One less the cosine similarity: directions only (DistilBERT; Sanh et al. 2019, arXiv 1910.01108).</summary>
    Cosine,
}
