namespace MLNet.FineTune.WeakSupervision;

/// <summary>A label model fitted to votes.</summary>
/// <param name="Posterior">What it makes of votes.</param>
internal sealed record LabelModelFit(LabelPosterior Posterior)
{
    /// <summary>By function, the estimated probability that a vote is right; null where the model estimates none.</summary>
    public double[]? Accuracies { get; init; }

    /// <summary>By function, [true class, vote]; null where the model estimates none.</summary>
    public double[][,]? ConfusionMatrices { get; init; }

    /// <summary>Pairs of functions that are modelled as dependent.</summary>
    public IReadOnlyList<(int First, int Second)> Dependencies { get; init; } = [];

    /// <summary>What is maximised, after each iteration: the logarithm of the likelihood of all votes and of the parameters' prior; empty where nothing is.</summary>
    public IReadOnlyList<double> Objectives { get; init; } = [];

    /// <summary>Whether the last iteration gained less than the tolerance.</summary>
    public bool Converged { get; init; } = true;
}
