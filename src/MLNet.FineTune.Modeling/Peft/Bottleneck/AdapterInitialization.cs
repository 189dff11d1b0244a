namespace MLNet.FineTune;

/// <summary>How a bottleneck adapter starts.</summary>
public enum AdapterInitialization
{
    /// <summary>The up-projection is zero: the model starts as the base exactly (He et al. 2021, as LoRA does).</summary>
    Zero,

    /// <summary>Both projections are drawn from a normal distribution of deviation 0.01, cut off at two deviations: nearly the base (Houlsby et al. 2019).</summary>
    NearZero,
}
