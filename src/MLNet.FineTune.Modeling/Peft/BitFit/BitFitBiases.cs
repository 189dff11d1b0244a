namespace MLNet.FineTune;

/// <summary>Which biases of the encoder <see cref="BitFit"/> trains.</summary>
public enum BitFitBiases
{
    /// <summary>All, those of LayerNorm among them.</summary>
    All,

    /// <summary>Those of the query projections and of the first projections of the feed-forward networks: half as many, at nearly the same quality.</summary>
    QueryAndFeedForwardIn,
}
