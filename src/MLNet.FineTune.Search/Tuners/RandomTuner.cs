using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Tries points at random, which is hard to beat where few parameters matter (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization", JMLR 13).</summary>
public sealed record RandomTuner : Tuner
{
    /// <summary>Whether points fill the space evenly, by a Sobol sequence with a random shift.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool QuasiRandom { get; init; }

    internal override ITunerStrategy CreateStrategy(ParameterSpace space) => new RandomStrategy(new InitialDesign(int.MaxValue, withDefault: false, QuasiRandom));

    private sealed class RandomStrategy(InitialDesign design) : ITunerStrategy
    {
        public double[]? Next(TunerHistory history) => design.Next(history);
    }
}
