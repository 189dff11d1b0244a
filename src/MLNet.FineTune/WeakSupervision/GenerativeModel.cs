namespace MLNet.FineTune.WeakSupervision;

/// <summary>
/// The distribution of a label y and votes Λ given it, P(Λ | y) proportional to
/// exp(Σ_j l_j·[Λ_j ≠ ∅] + Σ_j a_j·[Λ_j = y] + Σ_(j,k) c_jk·[Λ_j = Λ_k]), and its likelihood of votes alone.
/// </summary>
/// <remarks>Each function abstains or casts a vote that it casts somewhere in the data. Where every function votes for every class this is the paper's model; a function that can vote for one class only says something by its silence too.</remarks>
internal sealed class GenerativeModel
{
    private readonly VoteMatrix _votes;
    private readonly FunctionGroups _structure;
    private readonly double[]? _classBalance;
    private readonly GroupSum[] _groups;
    private readonly double[] _voteShares;
    private readonly double[] _equalShares;
    private readonly double _rows;

    /// <param name="votes">The votes.</param>
    /// <param name="structure">Which functions depend on each other.</param>
    /// <param name="classBalance">Probability of each class, or null to learn it.</param>
    public GenerativeModel(VoteMatrix votes, FunctionGroups structure, double[]? classBalance)
    {
        (_votes, _structure, _classBalance, _rows) = (votes, structure, classBalance, votes.Rows.Count);
        Layout = new WeightLayout(votes.FunctionCount, structure.Pairs.Count, classBalance is null ? votes.ClassCount : 0);
        _groups = [.. structure.Groups.Select(group => new GroupSum(structure, group, votes.ClassCount))];
        _voteShares = [.. Enumerable.Range(0, Functions).Select(function => Share(pattern => pattern[function] != VoteMatrix.Abstain))];
        _equalShares = [.. structure.Pairs.Select(pair => Share(pattern => pattern[pair.First] == pattern[pair.Second]))];
    }

    public WeightLayout Layout { get; }

    private int Functions => _votes.FunctionCount;

    private int Classes => _votes.ClassCount;

    /// <summary>Weights to start from: functions of one accuracy that vote as often as they do, independently.</summary>
    public double[] Start(double accuracyWeight)
    {
        var weights = new double[Layout.Count];
        for (int function = 0; function < Functions; function++)
        {
            double votes = (_voteShares[function] * _rows + 0.5) / (_rows + 1), classes = _structure.Outcomes[function].Length - 1;
            weights[WeightLayout.Accuracy(function)] = accuracyWeight;
            weights[Layout.Propensity(function)] = Math.Log(votes / (1 - votes)) - Math.Log(Math.Max(1, classes) + classes / Classes * (Math.Exp(accuracyWeight) - 1));
        }
        return weights;
    }

    /// <summary>Steps that suit each weight: those of functions that vote seldom have small gradients and small curvature.</summary>
    public double[] StepScales()
    {
        var scales = new double[Layout.Count];
        Array.Fill(scales, 1);
        for (int function = 0; function < Functions; function++)
            scales[WeightLayout.Accuracy(function)] = scales[Layout.Propensity(function)] = 1 / Math.Max(_voteShares[function], 1 / _rows);
        return scales;
    }

    /// <summary>The mean logarithm of the likelihood of a row's votes, and its gradient.</summary>
    public double Evaluate(double[] weights, double[] gradient)
    {
        Array.Clear(gradient);
        double[] balance = Balance(weights), posteriors = new double[Classes];
        Update(weights);
        double value = SumOverLabels(weights, balance, gradient, posteriors);
        for (int function = 0; function < Functions; function++)
        {
            value += _voteShares[function] * weights[Layout.Propensity(function)];
            gradient[Layout.Propensity(function)] += _voteShares[function];
        }
        for (int pair = 0; pair < _equalShares.Length; pair++)
        {
            value += _equalShares[pair] * weights[Layout.Dependency(pair)];
            gradient[Layout.Dependency(pair)] += _equalShares[pair];
        }
        for (int label = 0; label < Layout.Classes; label++)
            gradient[Layout.Balance(label)] = posteriors[label] - balance[label];
        foreach (ref double posterior in posteriors.AsSpan())
            posterior = -posterior;
        foreach (GroupSum group in _groups)
            group.AddExpected(Layout, posteriors, gradient);
        return value;
    }

    /// <summary>By function, the probability that a vote is right.</summary>
    public double[] ComputeAccuracies(double[] weights)
    {
        var expected = new double[Layout.Count];
        Update(weights);
        foreach (GroupSum group in _groups)
            group.AddExpected(Layout, Balance(weights), expected);
        return [.. Enumerable.Range(0, Functions).Select(function => expected[Layout.Propensity(function)] is var votes and > 0 ? expected[WeightLayout.Accuracy(function)] / votes : double.NaN)];
    }

    public LabelPosterior ToPosterior(double[] weights)
    {
        double[] evidence = LabelPosterior.SymmetricEvidence(weights.AsSpan(0, Functions), Classes);
        Update(weights);
        foreach (GroupSum group in _groups)
            for (int vote = VoteMatrix.Abstain; vote < Classes; vote++)
                for (int label = 0; label < Classes; label++)
                    evidence[LabelPosterior.IndexOf(group.FirstFunction, vote, label, Classes)] -= group.LogSum(label);
        return new LabelPosterior(Functions, Balance(weights), evidence);
    }

    private double[] Balance(double[] weights)
    {
        if (_classBalance is not null)
            return _classBalance;
        double[] balance = weights[Layout.Balance(0)..];
        LogSum.Normalize(balance);
        return balance;
    }

    private void Update(double[] weights)
    {
        foreach (GroupSum group in _groups)
            group.Update(Layout, weights);
    }

    /// <summary>The mean over the rows of log Σ_y P(y)·exp(Σ_j a_j·[Λ_j = y])/Z(y), its gradient by a, and the mean posterior.</summary>
    private double SumOverLabels(double[] weights, double[] balance, double[] gradient, double[] posteriors)
    {
        var start = new double[Classes];
        for (int label = 0; label < Classes; label++)
            start[label] = Math.Log(balance[label]) - _groups.Sum(group => group.LogSum(label));
        double value = 0;
        var posterior = new double[Classes];
        for (int i = 0; i < _votes.Patterns.Count; i++)
        {
            int[] pattern = _votes.Patterns[i];
            double share = _votes.Counts[i] / _rows;
            start.CopyTo(posterior, 0);
            for (int function = 0; function < Functions; function++)
                if (pattern[function] != VoteMatrix.Abstain)
                    posterior[pattern[function]] += weights[WeightLayout.Accuracy(function)];
            value += share * LogSum.Normalize(posterior);
            for (int function = 0; function < Functions; function++)
                if (pattern[function] != VoteMatrix.Abstain)
                    gradient[WeightLayout.Accuracy(function)] += share * posterior[pattern[function]];
            for (int label = 0; label < Classes; label++)
                posteriors[label] += share * posterior[label];
        }
        return value;
    }

    private double Share(Func<int[], bool> holds)
    {
        double count = 0;
        for (int i = 0; i < _votes.Patterns.Count; i++)
            count += holds(_votes.Patterns[i]) ? _votes.Counts[i] : 0;
        return count / _rows;
    }
}
