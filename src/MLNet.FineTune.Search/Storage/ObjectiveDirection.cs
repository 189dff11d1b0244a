namespace MLNet.FineTune;

/// <summary>Which values of an objective are better.</summary>
public enum ObjectiveDirection
{
    /// <summary>Smaller ones: errors, sizes, times.</summary>
    Minimize,

    /// <summary>Larger ones: accuracies and other measures of quality.</summary>
    Maximize,
}
