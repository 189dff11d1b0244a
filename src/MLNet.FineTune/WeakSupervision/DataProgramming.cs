using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>
/// Data programming: a generative model of labels and votes with, for each function, a weight of voting at all and one of voting right, and
/// a weight of voting alike for pairs of dependent functions, which maximise the likelihood of the votes over all labels they may come from
/// (Ratner et al. 2016, "Data Programming", arXiv 1605.07723; Ratner et al. 2017, "Snorkel", arXiv 1711.10160).
/// </summary>
/// <remarks>
/// <para>
/// The paper samples the gradient; here expectations are exact, summed over all votes that dependent functions can cast together, and
/// gradient ascent is over all rows, so that nothing is random.
/// </para>
/// <para>
/// In the paper every function may vote for every class. Here it may cast the votes that it casts somewhere in the data: with rules that
/// vote for one class only, the paper's likelihood is largest where one class has all rows.
/// </para>
/// </remarks>
public sealed record DataProgramming : LabelModel
{
    /// <summary>Most iterations of gradient ascent, each with as many evaluations as its step needs.</summary>
    /// <value>1000.</value>
    [Range(50, 5000, init: 1000, logBase: true)]
    public int Iterations { get; set; } = 1000;

    /// <summary>Iterations end when one gains less log-likelihood than this for each row.</summary>
    /// <value>1e-7.</value>
    public double Tolerance { get; set; } = 1e-7;

    /// <summary>The accuracy of all functions that training starts from, above chance so that the classes keep their names, and that <see cref="Regularization"/> draws to.</summary>
    /// <value>0.7.</value>
    [Range(0.55, 0.95, init: 0.7)]
    public double PriorAccuracy { get; set; } = 0.7;

    /// <summary>Precision (inverse variance) of the Gaussian prior of the weights, about 0, or about the <see cref="PriorAccuracy"/> for accuracies. It stands against all rows together.</summary>
    /// <value>0.1.</value>
    [Range(0.001, 10.0, init: 0.1, logBase: true)]
    public double Regularization { get; set; } = 0.1;

    /// <summary>
    /// Whether the class balance is learnt with the weights where <see cref="LabelModelOptions.ClassBalance"/> is not given. Votes determine it weakly: several
    /// balances may explain them about as well, and the likeliest may be far from the truth.
    /// </summary>
    /// <value>False, as in the paper: all classes are as probable.</value>
    [BooleanChoice(false)]
    public bool LearnClassBalance { get; set; }

    /// <summary>Pairs of functions, by their names, that do not vote independently given the class, because they look at the same thing.</summary>
    /// <value>None.</value>
    public IReadOnlyList<(string First, string Second)> Dependencies { get; set; } = [];

    /// <summary>Whether dependent pairs are also looked for in the votes, by L1-regularised maximum pseudo-likelihood (Bach et al. 2017, "Learning the Structure of Generative Models without Labeled Data", arXiv 1703.00854).</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool DetectDependencies { get; set; }

    /// <summary>The strength of L1 regularisation, for each row, when dependencies are looked for, and the weight above which a pair counts as dependent. Above the coverage of the rarer of two functions it hides any dependency.</summary>
    /// <value>0.01.</value>
    [Range(0.001, 0.1, init: 0.01, logBase: true)]
    public double DependencyThreshold { get; set; } = 0.01;

    internal override void Validate()
    {
        OptionRange.Require(Iterations >= 1, nameof(DataProgramming), nameof(Iterations), Iterations, "at least 1");
        OptionRange.Require(double.IsFinite(Tolerance) && Tolerance >= 0, nameof(DataProgramming), nameof(Tolerance), Tolerance, "at least 0");
        OptionRange.Require(PriorAccuracy is > 0 and < 1, nameof(DataProgramming), nameof(PriorAccuracy), PriorAccuracy, "a number above chance and below 1");
        OptionRange.Require(double.IsFinite(Regularization) && Regularization >= 0, nameof(DataProgramming), nameof(Regularization), Regularization, "at least 0");
        OptionRange.Positive(nameof(DataProgramming), DependencyThreshold);
        OptionRange.Require(Dependencies is not null, nameof(DataProgramming), nameof(Dependencies), null, "pairs of names, or none");
    }

    internal override LabelModelFit Fit(VoteMatrix votes, LabelModelContext context)
    {
        double chance = 1.0 / votes.ClassCount;
        OptionRange.Require(PriorAccuracy > chance, nameof(DataProgramming), nameof(PriorAccuracy), PriorAccuracy, FormattableString.Invariant($"more than {chance:0.###}, the chance with {votes.ClassCount} classes"));
        double startWeight = Math.Log(PriorAccuracy * (votes.ClassCount - 1) / (1 - PriorAccuracy));
        var structure = new FunctionGroups(votes);
        foreach ((int first, int second) in GivenDependencies(votes))
            if (!structure.TryAdd(first, second))
                throw new ArgumentException($"{nameof(DataProgramming)}.{nameof(Dependencies)} links too many labelling functions, '{votes.FunctionNames[first]}' and '{votes.FunctionNames[second]}' among them: all votes they can cast together are summed over, at most {FunctionGroups.MaximumOutcomes:N0}. Leave out the weaker links.");
        if (DetectDependencies)
            foreach (var (first, second, _) in PseudoLikelihood.FindDependencies(votes, structure.Outcomes, context, DependencyThreshold, startWeight).OrderByDescending(pair => Math.Abs(pair.Weight)))
                structure.TryAdd(first, second);
        return Fit(new GenerativeModel(votes, structure, LearnClassBalance ? context.ClassBalance : context.ClassBalanceOrEqual(votes.ClassCount)), votes, structure, startWeight, context.CheckAlive);
    }

    private LabelModelFit Fit(GenerativeModel model, VoteMatrix votes, FunctionGroups structure, double startWeight, Action checkAlive)
    {
        double[] start = model.Start(startWeight), prior = [.. start];
        for (int i = 0; i < prior.Length; i++)
            prior[i] = model.Layout.IsAccuracy(i) ? startWeight : 0;
        AscentResult result = ProximalAscent.Maximize(Penalized, start, model.StepScales(), penalties: null, Iterations, Tolerance, checkAlive);
        return new LabelModelFit(model.ToPosterior(result.Maximum))
        {
            Accuracies = model.ComputeAccuracies(result.Maximum),
            Dependencies = structure.Pairs,
            Objectives = [.. result.Values.Select(value => value * votes.Rows.Count)],
            Converged = result.Converged,
        };

        double Penalized(double[] weights, double[] gradient)
        {
            double value = model.Evaluate(weights, gradient), strength = Regularization / votes.Rows.Count;
            for (int i = 0; i < weights.Length; i++)
            {
                double distance = weights[i] - prior[i];
                value -= strength / 2 * distance * distance;
                gradient[i] -= strength * distance;
            }
            return value;
        }
    }

    private IEnumerable<(int First, int Second)> GivenDependencies(VoteMatrix votes)
    {
        foreach ((string first, string second) in Dependencies)
        {
            if (first == second)
                throw new ArgumentException($"{nameof(DataProgramming)}.{nameof(Dependencies)} links '{first}' with itself; expected two labelling functions.");
            yield return (IndexOf(first), IndexOf(second));
        }

        int IndexOf(string name)
        {
            for (int function = 0; function < votes.FunctionCount; function++)
                if (votes.FunctionNames[function] == name)
                    return function;
            throw new ArgumentException($"{nameof(DataProgramming)}.{nameof(Dependencies)} names the labelling function '{name}'; expected one of {VoteClasses.List(votes.FunctionNames)}.");
        }
    }
}
