using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// Bayesian optimisation of several objectives, as AutoPEFT has it (Zhou et al. 2023, arXiv 2301.12132): a Gaussian process for each objective that takes
/// few parameters to matter (Eriksson and Jankowiak 2021, arXiv 2103.00234), and points that are expected to add most to the volume that the
/// front dominates, noise allowed for (Daulton et al. 2021, arXiv 2105.08195). The
/// reference point moves between the worst values seen and near the best ones: now for the ends of the front, now for its middle. A quarter of the points comes from TPE. For trials that cost much: minutes rather than milliseconds.
/// </summary>
public sealed record BayesianTuner : Tuner
{
    /// <summary>The number of points tried before the models decide: the default, the front of earlier searches, then a Sobol sequence.</summary>
    /// <value>10. The paper takes 100 of 200.</value>
    [Range(5, 50, init: 10, logBase: true)]
    public int InitialPoints { get; init; } = 10;

    /// <summary>The number of functions drawn from the models; a power of 2.</summary>
    /// <value>128.</value>
    [Choice([32, 64, 128, 256], 128)]
    public int Samples { get; init; } = 128;

    /// <summary>
    /// Whether the models see ranks of the objectives, as normal quantiles, rather than values: for objectives some of whose values are out of all
    /// proportion, the losses of trainings that diverged for instance. Smooth objectives are modelled better by their values.
    /// </summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool GaussianCopula { get; init; }

    /// <summary>
    /// Every how many points one comes from <see cref="TpeTuner"/>'s densities instead of the models, 0 for none. The models take few parameters to matter; the densities judge each parameter by itself
    /// and see what many of them give together, each of which by itself is as small as noise. What they find, the models learn.
    /// </summary>
    /// <value>4: a quarter of the points.</value>
    [Choice([0, 2, 4, 8], 4)]
    public int TpeInterval { get; init; } = 4;

    internal override void Validate()
    {
        Require(TpeInterval is 0 or >= 2, nameof(TpeInterval), TpeInterval, "0 or at least 2");
        Require(InitialPoints >= 2, nameof(InitialPoints), InitialPoints, "at least 2");
        Require(Samples >= 2 && int.IsPow2(Samples), nameof(Samples), Samples, "a power of 2 from 2 on");
    }

    internal override ITunerStrategy CreateStrategy(ParameterSpace space) => new BayesianStrategy(this, new SpaceEncoding(space));
}
