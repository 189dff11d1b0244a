namespace MLNet.FineTune;

/// <summary>How much the classes count in the loss.</summary>
public enum ClassWeighting
{
    /// <summary>Every row counts the same.</summary>
    None,

    /// <summary>Every class counts the same: a row weighs rows / (classes · rows of its class).</summary>
    Balanced,
}
