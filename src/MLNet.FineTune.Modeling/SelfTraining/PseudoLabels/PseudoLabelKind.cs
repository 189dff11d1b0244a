namespace MLNet.FineTune;

/// <summary>What of a prediction is learnt.</summary>
public enum PseudoLabelKind
{
    /// <summary>The most probable class.</summary>
    Hard,

    /// <summary>The probabilities of all classes.</summary>
    Soft,
}
