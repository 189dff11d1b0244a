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
}
