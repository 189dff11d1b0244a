using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>
/// Each vote counts the same: the probability of a class is its share of the votes. A tie goes to the class with the larger
/// <see cref="LabelModelOptions.ClassBalance"/>, where that is given, else to the first.
/// </summary>
public sealed record MajorityVote : LabelModel
{
    internal override LabelModelFit Fit(VoteMatrix votes, LabelModelContext context) =>
        new(new LabelPosterior(votes.FunctionCount, context.ClassBalanceOrEqual(votes.ClassCount), evidence: null));
}
