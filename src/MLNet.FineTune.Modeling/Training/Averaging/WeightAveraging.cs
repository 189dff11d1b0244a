using System.Text.Json.Serialization;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>
/// A mean of the weights that training goes through, which is what validation measures and training returns, in place of the last weights: the
/// base of the options records <see cref="ExponentialMovingAverage"/> and <see cref="StochasticWeightAveraging"/>.
/// </summary>
/// <remarks>It takes one more copy of what trains. A method that changes itself on the way, such as <see cref="AdaLora"/> or <see cref="ChainOfLora"/>, is averaged once it no longer does.</remarks>
[JsonDerivedType(typeof(ExponentialMovingAverage), "exponential-moving-average")]
[JsonDerivedType(typeof(StochasticWeightAveraging), "stochastic-weight-averaging")]
public abstract record WeightAveraging
{
    private protected WeightAveraging()
    {
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal abstract void Validate();

    /// <summary>Whether the weights after the step just taken go into the mean.</summary>
    internal abstract bool Includes(TrainingState state);

    /// <summary>The share of the next weights in the mean.</summary>
    /// <param name="count">How many are in it, 1 or more.</param>
    internal abstract double Share(int count);
}
