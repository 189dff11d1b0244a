namespace MLNet.FineTune;

/// <summary>The parts of a transformer layer that modules can be placed after or beside.</summary>
[Flags]
public enum Sublayers
{
    /// <summary>No sublayer.</summary>
    None = 0,

    /// <summary>Self-attention.</summary>
    Attention = 1,

    /// <summary>The feed-forward network.</summary>
    FeedForward = 2,

    /// <summary>Both.</summary>
    Both = Attention | FeedForward,
}
