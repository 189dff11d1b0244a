namespace MLNet.FineTune;

/// <summary>p</summary>
public enum PoolingMode
{
    /// <summary>p</summary>
    Cls,
    /// <summary>p</summary>
    Mean,
    /// <summary>p</summary>
    Max,
}
