namespace MLNet.FineTune;

/// <summary>The order in which a classifier chain decides on labels.</summary>
public enum LabelChainOrder
{
    /// <summary>That of the label's key, or of the slots of an indicator.</summary>
    ByIndex,

    /// <summary>One drawn at random from the trainer's seed.</summary>
    Random,
}
