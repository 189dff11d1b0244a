using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>
/// Votes weighted by the logarithm of the odds that they are right, log(α·(K − 1)/(1 − α)) with accuracy α and K classes, which is best where
/// functions err independently and alike in all classes (Nitzan and Paroush 1982, "Optimal Decision Rules in Uncertain Dichotomous Choice Situations").
/// </summary>
/// <remarks>
/// Where no accuracy is given it is estimated: the share of a function's votes that agree with the majority of the other functions, among
/// the rows where these have one.
/// </remarks>
public sealed record WeightedVote : LabelModel
{
    /// <summary>Accuracies of functions by their names, above 0 and below 1; those of functions that are not named are estimated.</summary>
    /// <value>Null: all are estimated.</value>
    public Dictionary<string, double>? Accuracies { get; set; }

    /// <summary>The accuracy that is supposed of a function before its votes are looked at.</summary>
    /// <value>0.7.</value>
    [Range(0.5, 0.95, init: 0.7)]
    public double PriorAccuracy { get; set; } = 0.7;

    /// <summary>How many votes the <see cref="PriorAccuracy"/> counts for.</summary>
    /// <value>2.</value>
    [Range(0.1, 100.0, init: 2.0, logBase: true)]
    public double PriorVotes { get; set; } = 2;

    internal override void Validate()
    {
        OptionRange.Require(PriorAccuracy is > 0 and < 1, nameof(WeightedVote), nameof(PriorAccuracy), PriorAccuracy, "a number above 0 and below 1");
        OptionRange.Positive(nameof(WeightedVote), PriorVotes);
        foreach ((string name, double accuracy) in Accuracies ?? [])
            OptionRange.Require(accuracy is > 0 and < 1, nameof(WeightedVote), $"{nameof(Accuracies)}['{name}']", accuracy, "a number above 0 and below 1");
    }

    internal override LabelModelFit Fit(VoteMatrix votes, LabelModelContext context)
    {
        if (Accuracies?.Keys.FirstOrDefault(name => !votes.FunctionNames.Contains(name)) is { } unknown)
            throw new ArgumentException($"{nameof(WeightedVote)}.{nameof(Accuracies)} names the labelling function '{unknown}'; expected one of {VoteClasses.List(votes.FunctionNames)}.");
        double[] accuracies = EstimateAccuracies(votes);
        for (int function = 0; function < accuracies.Length; function++)
            if (Accuracies?.TryGetValue(votes.FunctionNames[function], out double given) == true)
                accuracies[function] = given;
        double[] logOdds = [.. accuracies.Select(accuracy => Math.Log(accuracy * (votes.ClassCount - 1) / (1 - accuracy)))];
        return new LabelModelFit(new LabelPosterior(votes.FunctionCount, context.ClassBalanceOrEqual(votes.ClassCount), LabelPosterior.SymmetricEvidence(logOdds, votes.ClassCount)))
        {
            Accuracies = accuracies,
        };
    }

    private double[] EstimateAccuracies(VoteMatrix votes)
    {
        var agreed = new double[votes.FunctionCount];
        var compared = new double[votes.FunctionCount];
        var counts = new int[votes.ClassCount];
        for (int i = 0; i < votes.Patterns.Count; i++)
        {
            Array.Clear(counts);
            foreach (int vote in votes.Patterns[i])
                if (vote != VoteMatrix.Abstain)
                    counts[vote]++;
            for (int function = 0; function < votes.FunctionCount; function++)
            {
                int own = votes.Patterns[i][function];
                if (own == VoteMatrix.Abstain)
                    continue;
                counts[own]--;
                int largest = counts.Max();
                if (largest > 0 && counts.Count(count => count == largest) == 1)
                {
                    compared[function] += votes.Counts[i];
                    agreed[function] += counts[own] == largest ? votes.Counts[i] : 0;
                }
                counts[own]++;
            }
        }
        return [.. agreed.Zip(compared, (right, all) => (right + PriorVotes * PriorAccuracy) / (all + PriorVotes))];
    }
}
