namespace MLNet.FineTune;

/// <summary>How an encoder's token vectors become the one vector of a text. Padding never takes part.</summary>
public enum PoolingMode
{
    /// <summary>The vector of the first token (<c>[CLS]</c>, <c>&lt;s&gt;</c>).</summary>
    Cls,

    /// <summary>The mean over all tokens.</summary>
    Mean,

    /// <summary>The greatest value over all tokens, in each dimension.</summary>
    Max,

    /// <summary>The sum over all n tokens divided by √n, so that longer texts have longer vectors.</summary>
    MeanSqrtLength,

    /// <summary>The mean over all tokens in which the first counts once, the second twice, and so on (SGPT, Muennighoff 2022, arXiv 2202.08904).</summary>
    WeightedMean,

    /// <summary>The vector of the last token.</summary>
    LastToken,
}
