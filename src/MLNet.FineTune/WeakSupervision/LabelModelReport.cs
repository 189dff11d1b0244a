using System.Globalization;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune;

/// <summary>A label model fitted to votes, and the labels it makes of them.</summary>
public sealed class LabelModelReport
{
    private readonly LabelModelRun _run;

    internal LabelModelReport(LabelModelRun run)
    {
        _run = run;
        VoteMatrix votes = run.Votes;
        Functions = LabelingReport.Of(votes, ClassNames, []);
        var labels = new int[votes.Patterns.Count];
        var probabilities = new float[votes.Patterns.Count][];
        for (int i = 0; i < labels.Length; i++)
        {
            var posterior = new double[votes.ClassCount];
            run.Fit.Posterior.Compute(votes.Patterns[i], posterior);
            labels[i] = run.Fit.Posterior.Decide(votes.Patterns[i], posterior);
            probabilities[i] = [.. posterior.Select(probability => (float)probability)];
        }
        Labels = [.. votes.Rows.Select(pattern => labels[pattern])];
        Probabilities = [.. votes.Rows.Select(pattern => (float[])[.. probabilities[pattern]])];
    }

    /// <summary>The model, to make labels of other votes.</summary>
    public LabelModelTransformer Model => _run.Transformer;

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => Model.ClassNames;

    /// <summary>The probability of each class before any vote, given or learnt.</summary>
    public IReadOnlyList<double> ClassBalance => Model.ClassBalance;

    /// <summary>For each row, the class, or −1 where all functions abstain.</summary>
    public int[] Labels { get; }

    /// <summary>For each row, the probabilities of the classes.</summary>
    public float[][] Probabilities { get; }

    /// <summary>What the functions did.</summary>
    public LabelingReport Functions { get; }

    /// <summary>By function, the estimated probability that a vote is right; null where the model estimates none (<see cref="MajorityVote"/>).</summary>
    public IReadOnlyList<double>? Accuracies => _run.Fit.Accuracies;

    /// <summary>
    /// By function, [true class, vote]: the probability of the vote; null where the model estimates none. Rows sum to one, or to the
    /// probability that the function votes at all where abstentions are an outcome (<see cref="DawidSkene.Abstentions"/>).
    /// </summary>
    public IReadOnlyList<double[,]>? ConfusionMatrices => _run.Fit.ConfusionMatrices;

    /// <summary>Pairs of functions that the model takes as dependent (<see cref="DataProgramming"/>).</summary>
    public IReadOnlyList<(string First, string Second)> Dependencies =>
        [.. _run.Fit.Dependencies.Select(pair => (Model.FunctionNames[pair.First], Model.FunctionNames[pair.Second]))];

    /// <summary>After each iteration, what is maximised: the log-likelihood of all votes, and of the prior of the parameters up to a constant; empty for models that do not iterate.</summary>
    public IReadOnlyList<double> LogLikelihoods => _run.Fit.Objectives;

    /// <summary>Whether iterations ended because the last one gained less than the tolerance.</summary>
    public bool Converged => _run.Fit.Converged;

    /// <summary>The functions as a table of text, with the accuracies that the model estimates, and the class balance and labels below it.</summary>
    public string ToTable()
    {
        string[] classes = [.. ClassNames.Select((name, label) => string.Create(CultureInfo.InvariantCulture, $"{name} {Labels.Count(value => value == label):N0} (balance {100 * ClassBalance[label]:0.0} %)"))];
        return $"{Functions.ToTable(Accuracies)}Labels: {string.Join(", ", classes)}, none {Labels.Count(value => value < 0):N0}.{Environment.NewLine}";
    }
}
