namespace MLNet.FineTune;

/// <summary>The linear projections of a transformer by their role, whatever a model family calls them.</summary>
[Flags]
public enum TargetModules
{
    /// <summary>No projection.</summary>
    None = 0,

    /// <summary>Query projection of self-attention.</summary>
    Query = 1,

    /// <summary>Key projection of self-attention.</summary>
    Key = 2,

    /// <summary>Value projection of self-attention.</summary>
    Value = 4,

    /// <summary>Output projection of self-attention.</summary>
    AttentionOutput = 8,

    /// <summary>First projection of the feed-forward network (BERT's "intermediate").</summary>
    FeedForwardIn = 16,

    /// <summary>Second projection of the feed-forward network (BERT's "output").</summary>
    FeedForwardOut = 32,

    /// <summary>Dense layer between the encoder's output and the classifier (BERT's "pooler").</summary>
    Pooler = 64,

    /// <summary>All four projections of self-attention.</summary>
    Attention = Query | Key | Value | AttentionOutput,

    /// <summary>Both projections of the feed-forward network.</summary>
    FeedForward = FeedForwardIn | FeedForwardOut,

    /// <summary>Every projection inside the encoder's layers.</summary>
    AllLinear = Attention | FeedForward,
}
