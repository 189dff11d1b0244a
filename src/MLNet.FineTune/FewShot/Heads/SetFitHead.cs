using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>What classifies embeddings: the base of <see cref="LogisticRegressionHead"/> and <see cref="DifferentiableHead"/>.</summary>
public abstract record SetFitHead
{
    private protected SetFitHead()
    {
    }

    /// <exception cref="ArgumentException">An option is out of range; names it, what was found and what is expected.</exception>
    internal abstract void Validate();

    /// <summary>What fits the head.</summary>
    internal abstract IHeadTrainer CreateTrainer(FineTuneTask tuning);

    private protected void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, GetType().Name, option, found, expected, option);
}
