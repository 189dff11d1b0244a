using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>
/// How the votes of labelling functions become labels: the base of the options records <see cref="MajorityVote"/>, <see cref="WeightedVote"/>,
/// <see cref="DawidSkene"/> and <see cref="DataProgramming"/>. None of them looks at true labels.
/// </summary>
public abstract record LabelModel
{
    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
    }

    /// <summary>Fits the model to votes.</summary>
    internal abstract LabelModelFit Fit(VoteMatrix votes, LabelModelContext context);
}
