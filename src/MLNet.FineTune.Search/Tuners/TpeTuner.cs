using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// The multi-objective tree-structured Parzen estimator: densities of good and of other points are estimated for each parameter, and values are
/// taken where their ratio is highest (Ozaki et al. 2020, "Multiobjective Tree-Structured Parzen Estimator for Computationally Expensive Optimization
/// Problems", GECCO). Fast, whatever the number of parameters and trials.
/// </summary>
public sealed record TpeTuner : Tuner
{
    /// <summary>The number of points tried at random first.</summary>
    /// <value>10, for searches of some dozens of trials; the paper takes 11 · parameters − 1.</value>
    [Range(5, 50, init: 10, logBase: true)]
    public int InitialPoints { get; init; } = 10;

    /// <summary>γ: the share of the trials that count as good.</summary>
    /// <value>0.1, as in the paper.</value>
    [Range(0.05, 0.3, 0.1)]
    public double GoodShare { get; init; } = 0.1;

    /// <summary>How many values are drawn for each parameter, of which the one with the best ratio is taken.</summary>
    /// <value>24, as in the paper.</value>
    [Range(8, 128, init: 24, logBase: true)]
    public int Candidates { get; init; } = 24;

    internal override void Validate()
    {
        Require(InitialPoints >= 1, nameof(InitialPoints), InitialPoints, "at least 1");
        Require(GoodShare is > 0 and < 1, nameof(GoodShare), GoodShare, "above 0 and below 1");
        Require(Candidates >= 1, nameof(Candidates), Candidates, "at least 1");
    }

    internal override ITunerStrategy CreateStrategy(ParameterSpace space) => new TpeStrategy(this);
}
