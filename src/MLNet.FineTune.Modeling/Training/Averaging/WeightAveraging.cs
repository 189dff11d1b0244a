using System.Text.Json.Serialization;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>
/// A mean of the weights that training goes through, which is what validation measures and training returns, in place of the last weights: the
/// base of the options records <see cref="ExponentialMovingAverage"/>, <see cref="StochasticWeightAveraging"/> and <see cref="WeightInterpolation"/>.
/// </summary>
/// <remarks>It takes one or two more copies of what trains. A method that changes itself on the way, such as <see cref="AdaLora"/> or <see cref="ChainOfLora"/>, is averaged once it no longer does.</remarks>
[JsonDerivedType(typeof(ExponentialMovingAverage), "exponential-moving-average")]
[JsonDerivedType(typeof(StochasticWeightAveraging), "stochastic-weight-averaging")]
[JsonDerivedType(typeof(WeightInterpolation), "weight-interpolation")]
public abstract record WeightAveraging
{
    private protected WeightAveraging()
    {
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal abstract void Validate();

    /// <summary>Begins the averaging of a run.</summary>
    /// <param name="settled">Whether the weights may be the result of the training.</param>
    internal abstract AveragedWeights Begin(Func<bool> settled);
}
