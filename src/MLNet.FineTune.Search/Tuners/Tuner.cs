using MLNet.FineTune.Runtime;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// How a search chooses what to try next: the base of <see cref="BayesianTuner"/>, <see cref="NsgaTuner"/>, <see cref="TpeTuner"/>,
/// <see cref="RandomTuner"/> and <see cref="GridTuner"/>.
/// </summary>
public abstract record Tuner
{
    /// <summary>Begins a search, or goes on with one whose trials are then told to it.</summary>
    /// <param name="space">What may vary.</param>
    /// <param name="seed">Decides everything that is random.</param>
    /// <param name="earlier">Completed trials of earlier searches, on other data for instance: the points of their front that are in the space are tried first. Their objectives are not compared with those of this search.</param>
    /// <exception cref="ArgumentException">An option is not valid; names it, what was found and what is expected.</exception>
    public TunerSession Start(ParameterSpace space, int seed = 0, IEnumerable<TunerTrial>? earlier = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        Validate();
        return new TunerSession(space, CreateStrategy(space), seed, earlier ?? []);
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is not valid; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
    }

    internal abstract ITunerStrategy CreateStrategy(ParameterSpace space);

    private protected void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, GetType().Name, option, found, expected, option);
}
