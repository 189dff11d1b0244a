using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// NSGA-II: a population evolves by tournaments on rank and crowding, crossover and mutation, and the best of parents and children live on
/// (Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEC 6(2)). Ordered parameters cross by simulated binary
/// crossover and mutate by polynomial mutation, choices without order are exchanged and drawn anew.
/// </summary>
public sealed record NsgaTuner : Tuner
{
    /// <summary>The number of points in a generation.</summary>
    /// <value>20, for searches of some dozens of trials; the paper takes 100, for 25,000.</value>
    [Range(8, 100, init: 20, logBase: true)]
    public int PopulationSize { get; init; } = 20;

    /// <summary>The probability that two parents are crossed rather than copied.</summary>
    /// <value>0.9, as in the paper.</value>
    [Range(0.5, 1.0, 0.9)]
    public double CrossoverProbability { get; init; } = 0.9;

    /// <summary>The probability that a parameter mutates.</summary>
    /// <value>Null: one over the number of parameters, as in the paper.</value>
    public double? MutationProbability { get; init; }

    /// <summary>η_c: the higher, the nearer children are to their parents.</summary>
    /// <value>20, as in the paper.</value>
    [Range(2.0, 30.0, 20.0)]
    public double CrossoverIndex { get; init; } = 20;

    /// <summary>η_m: the higher, the smaller mutations are.</summary>
    /// <value>20, as in the paper.</value>
    [Range(2.0, 100.0, 20.0)]
    public double MutationIndex { get; init; } = 20;

    internal override void Validate()
    {
        Require(PopulationSize >= 2, nameof(PopulationSize), PopulationSize, "at least 2");
        Require(CrossoverProbability is >= 0 and <= 1, nameof(CrossoverProbability), CrossoverProbability, "0 to 1");
        Require(MutationProbability is null or (>= 0 and <= 1), nameof(MutationProbability), MutationProbability, "0 to 1, or null");
        Require(CrossoverIndex >= 0 && double.IsFinite(CrossoverIndex), nameof(CrossoverIndex), CrossoverIndex, "a finite number of 0 or more");
        Require(MutationIndex >= 0 && double.IsFinite(MutationIndex), nameof(MutationIndex), MutationIndex, "a finite number of 0 or more");
    }

    internal override ITunerStrategy CreateStrategy(ParameterSpace space) => new NsgaStrategy(this, new GeneticOperators(space, this));
}
