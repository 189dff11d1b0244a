namespace MLNet.FineTune;

/// <summary>What is masked together in masked language modelling.</summary>
public enum MaskingUnit
{
    /// <summary>Single tokens (BERT; Devlin et al. 2018, arXiv 1810.04805).</summary>
    Token,

    /// <summary>All tokens of a word.</summary>
    WholeWord,

    /// <summary>Runs of whole words, their number drawn from a geometric distribution with p = 0.2, at most 10 (SpanBERT; Joshi et al. 2019, arXiv 1907.10529).</summary>
    Span,
}
