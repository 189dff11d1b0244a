namespace MLNet.FineTune;

/// <summary>What is done so that classes that are predicted often do not drown the others.</summary>
public enum PseudoLabelBalance
{
    /// <summary>Nothing: classes have the shares with which they are predicted.</summary>
    None,

    /// <summary>No class keeps more texts than the one with the fewest, those of the highest confidence.</summary>
    Undersample,

    /// <summary>Texts are weighted so that all classes count the same in all.</summary>
    Weights,
}
