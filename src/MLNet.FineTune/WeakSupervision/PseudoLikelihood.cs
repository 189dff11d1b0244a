namespace MLNet.FineTune.WeakSupervision;

/// <summary>
/// The likelihood of one function's votes given all others', over the labels they may come from, and the dependent functions that it finds
/// with an L1 penalty on dependencies (Bach et al. 2017, "Learning the Structure of Generative Models without Labeled Data", arXiv 1703.00854).
/// </summary>
/// <remarks>Weights are in the order of accuracies of all functions, dependencies on all functions (the function's own is not used), propensity to vote, and labels (as far as the class balance and the other functions' silence say something about them).</remarks>
internal sealed class PseudoLikelihood
{
    private const int Iterations = 300;
    private const double Tolerance = 1e-7;

    private readonly VoteMatrix _votes;
    private readonly int _function;
    private readonly int[] _outcomes;
    private readonly double _rows;

    /// <param name="votes">The votes.</param>
    /// <param name="function">The function whose votes are explained.</param>
    /// <param name="outcomes">What it can do.</param>
    public PseudoLikelihood(VoteMatrix votes, int function, int[] outcomes) => (_votes, _function, _outcomes, _rows) = (votes, function, outcomes, votes.Rows.Count);

    public int WeightCount => 2 * Functions + 1 + Classes;

    private int Functions => _votes.FunctionCount;

    private int Classes => _votes.ClassCount;

    private int FirstLabel => 2 * Functions + 1;

    /// <summary>The pairs of functions that have a weight beyond the threshold, as one or the other sees it.</summary>
    /// <param name="votes">The votes.</param>
    /// <param name="outcomes">By function, what it can do.</param>
    /// <param name="context">Class balance to start from, and cancellation.</param>
    /// <param name="threshold">Weight of the L1 penalty, and of a dependency that counts.</param>
    /// <param name="accuracyWeight">What the weights of accuracies start from.</param>
    public static IEnumerable<(int First, int Second, double Weight)> FindDependencies(VoteMatrix votes, int[][] outcomes, LabelModelContext context, double threshold, double accuracyWeight)
    {
        var found = new Dictionary<(int First, int Second), double>();
        for (int function = 0; function < votes.FunctionCount; function++)
        {
            double[] weights = new PseudoLikelihood(votes, function, outcomes[function]).Maximize(threshold, accuracyWeight, context);
            for (int other = 0; other < votes.FunctionCount; other++)
                if (other != function && weights[votes.FunctionCount + other] is var weight && Math.Abs(weight) > threshold)
                {
                    (int, int) pair = (Math.Min(function, other), Math.Max(function, other));
                    found[pair] = Math.Abs(found.GetValueOrDefault(pair)) > Math.Abs(weight) ? found[pair] : weight;
                }
        }
        return found.Select(pair => (pair.Key.First, pair.Key.Second, pair.Value));
    }

    /// <summary>The mean logarithm of the likelihood of a row, and its gradient.</summary>
    public double Evaluate(double[] weights, double[] gradient)
    {
        Array.Clear(gradient);
        double value = 0;
        // [outcome, label], and the labels with the one that was observed.
        var joint = new double[_outcomes.Length * Classes];
        var cast = new double[Classes];
        for (int i = 0; i < _votes.Patterns.Count; i++)
        {
            int[] pattern = _votes.Patterns[i];
            double share = _votes.Counts[i] / _rows;
            for (int outcome = 0; outcome < _outcomes.Length; outcome++)
                Score(pattern, _outcomes[outcome], weights, joint.AsSpan(outcome * Classes, Classes));
            Score(pattern, pattern[_function], weights, cast);
            value += share * (LogSum.Normalize(cast) - LogSum.Normalize(joint));
            AddFactors(pattern, pattern[_function], cast, share, gradient);
            for (int outcome = 0; outcome < _outcomes.Length; outcome++)
                AddFactors(pattern, _outcomes[outcome], joint.AsSpan(outcome * Classes, Classes), -share, gradient);
        }
        return value;
    }

    private double[] Maximize(double threshold, double accuracyWeight, LabelModelContext context)
    {
        var start = new double[WeightCount];
        Array.Fill(start, accuracyWeight, 0, Functions);
        for (int label = 0; label < Classes && context.ClassBalance is not null; label++)
            start[FirstLabel + label] = Math.Log(context.ClassBalance[label]);
        var penalties = new double[WeightCount];
        Array.Fill(penalties, threshold, Functions, Functions);
        double[] scales = [.. Enumerable.Repeat(1.0, WeightCount)];
        return ProximalAscent.Maximize(Evaluate, start, scales, penalties, Iterations, Tolerance, context.CheckAlive).Maximum;
    }

    /// <summary>The exponents of an own vote with each label.</summary>
    private void Score(int[] pattern, int vote, double[] weights, Span<double> scores)
    {
        weights.AsSpan(FirstLabel, Classes).CopyTo(scores);
        double alike = vote == VoteMatrix.Abstain ? 0 : weights[2 * Functions];
        for (int other = 0; other < Functions; other++)
        {
            int cast = other == _function ? vote : pattern[other];
            if (cast != VoteMatrix.Abstain)
                scores[cast] += weights[other];
            if (other != _function && cast == vote)
                alike += weights[Functions + other];
        }
        foreach (ref double score in scores)
            score += alike;
    }

    /// <summary>Adds the factors that hold with an own vote, times the probabilities of the labels with it.</summary>
    private void AddFactors(int[] pattern, int vote, ReadOnlySpan<double> labels, double share, double[] gradient)
    {
        double any = 0;
        for (int label = 0; label < Classes; label++)
        {
            any += labels[label];
            gradient[FirstLabel + label] += share * labels[label];
        }
        for (int other = 0; other < Functions; other++)
        {
            int cast = other == _function ? vote : pattern[other];
            if (cast != VoteMatrix.Abstain)
                gradient[other] += share * labels[cast];
            if (other != _function && cast == vote)
                gradient[Functions + other] += share * any;
        }
        if (vote != VoteMatrix.Abstain)
            gradient[2 * Functions] += share * any;
    }
}
