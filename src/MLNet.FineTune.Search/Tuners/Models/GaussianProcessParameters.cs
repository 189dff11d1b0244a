namespace MLNet.FineTune.Search;

/// <summary>What is fitted of a Gaussian process.</summary>
/// <param name="InverseSquaredScales">ρ, the inverse squared length scale of each group of features.</param>
/// <param name="Signal">σ_f², the variance of the function.</param>
/// <param name="Noise">σ_n², the variance of the observations around it.</param>
internal sealed record GaussianProcessParameters(double[] InverseSquaredScales, double Signal, double Noise)
{
    /// <summary>The variance of the function's mean, which is unknown.</summary>
    public const double Mean = 1;

    /// <summary>The variance of what is not smooth about the function, which keeps matrices well-conditioned.</summary>
    public const double Rough = 1e-6;
}
