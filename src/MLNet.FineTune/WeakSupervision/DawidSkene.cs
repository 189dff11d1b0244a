using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>
/// Learns the class balance and how often each function votes for each class in each true class, its confusion matrix, by expectation
/// maximisation that starts from the shares of the votes; functions err independently given the class (Dawid and Skene 1979, "Maximum
/// Likelihood Estimation of Observer Error-Rates Using the EM Algorithm").
/// </summary>
public sealed record DawidSkene : LabelModel
{
    /// <summary>Most iterations.</summary>
    /// <value>100.</value>
    [Range(10, 1000, init: 100, logBase: true)]
    public int Iterations { get; set; } = 100;

    /// <summary>Iterations end when one gains less log-likelihood than this for each row.</summary>
    /// <value>1e-7.</value>
    public double Tolerance { get; set; } = 1e-7;

    /// <summary>Pseudo-votes of each function in each class, spread evenly over what it can vote, and as many pseudo-examples over the classes: they keep rare votes from certainty.</summary>
    /// <value>1.</value>
    [Range(0.01, 10.0, init: 1.0, logBase: true)]
    public double Smoothing { get; set; } = 1;

    /// <summary>What abstentions say.</summary>
    /// <value><see cref="AbstentionHandling.Automatic"/>.</value>
    [Choice(AbstentionHandling.Automatic, AbstentionHandling.Ignored, AbstentionHandling.Outcome)]
    public AbstentionHandling Abstentions { get; set; } = AbstentionHandling.Automatic;

    internal override void Validate()
    {
        OptionRange.Require(Iterations >= 1, nameof(DawidSkene), nameof(Iterations), Iterations, "at least 1");
        OptionRange.Require(double.IsFinite(Tolerance) && Tolerance >= 0, nameof(DawidSkene), nameof(Tolerance), Tolerance, "at least 0");
        OptionRange.Positive(nameof(DawidSkene), Smoothing);
        OptionRange.Require(Enum.IsDefined(Abstentions), nameof(DawidSkene), nameof(Abstentions), Abstentions, string.Join(", ", Enum.GetNames<AbstentionHandling>()));
    }

    internal override LabelModelFit Fit(VoteMatrix votes, LabelModelContext context)
    {
        var em = new DawidSkeneEm(votes, ModelsAbstentions(votes), Smoothing, context.ClassBalance);
        var objectives = new List<double>();
        bool converged = false;
        while (!converged && objectives.Count < Iterations)
        {
            context.CheckAlive();
            em.Maximize();
            objectives.Add(em.Expect());
            converged = objectives is [.., var before, var last] && last - before < Tolerance * votes.Rows.Count;
        }
        return new LabelModelFit(em.ToPosterior())
        {
            Accuracies = em.ComputeAccuracies(),
            ConfusionMatrices = em.ToConfusionMatrices(),
            Objectives = objectives,
            Converged = converged,
        };
    }

    private bool ModelsAbstentions(VoteMatrix votes) => Abstentions == AbstentionHandling.Automatic
        ? Enumerable.Range(0, votes.FunctionCount).Any(function => votes.Patterns.Select(pattern => pattern[function]).Where(vote => vote != VoteMatrix.Abstain).Distinct().Take(2).Count() == 1)
        : Abstentions == AbstentionHandling.Outcome;
}
