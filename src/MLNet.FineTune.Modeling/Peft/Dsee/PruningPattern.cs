namespace MLNet.FineTune;

/// <summary>Which of the base weights <see cref="Dsee"/> sets to zero.</summary>
public enum PruningPattern
{
    /// <summary>Single weights, the smallest of all adapted projections together.</summary>
    Unstructured,

    /// <summary>Whole output units, in each projection those whose weights have the smallest norm.</summary>
    OutputUnits,
}
