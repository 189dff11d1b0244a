namespace MLNet.FineTune.WeakSupervision;

/// <summary>The steps of Dawid and Skene's expectation maximisation on distinct rows of votes.</summary>
internal sealed class DawidSkeneEm
{
    private readonly VoteMatrix _votes;
    private readonly bool _abstentions;
    private readonly double _smoothing;
    private readonly bool _learnsBalance;
    private readonly double[] _counts;
    private readonly double[] _logOutcomes;

    /// <summary>Starts from the shares of the votes.</summary>
    /// <param name="votes">The votes.</param>
    /// <param name="abstentions">Whether abstaining is an outcome as each vote is.</param>
    /// <param name="smoothing">Pseudo-count of each distribution, spread evenly over its outcomes; above 0.</param>
    /// <param name="classBalance">Probability of each class, or null to learn it.</param>
    public DawidSkeneEm(VoteMatrix votes, bool abstentions, double smoothing, double[]? classBalance)
    {
        (_votes, _abstentions, _smoothing, _learnsBalance) = (votes, abstentions, smoothing, classBalance is null);
        int classes = votes.ClassCount;
        ClassBalance = classBalance ?? [.. Enumerable.Repeat(1.0 / classes, classes)];
        _logOutcomes = new double[votes.FunctionCount * (classes + 1) * classes];
        Posteriors = new double[votes.Patterns.Count * classes];
        // Where abstentions say nothing, rows without votes say nothing about the parameters.
        _counts = [.. votes.Patterns.Zip(votes.Counts, (pattern, count) => abstentions || pattern.Any(vote => vote != VoteMatrix.Abstain) ? count : 0)];
        for (int i = 0; i < votes.Patterns.Count; i++)
            if (!VoteMatrix.TryGetShares(votes.Patterns[i], Posterior(i)))
                ClassBalance.CopyTo(Posterior(i));
    }

    /// <summary>Probability of each class.</summary>
    public double[] ClassBalance { get; private set; }

    /// <summary>Probabilities of the classes of each distinct row, [pattern, class].</summary>
    public double[] Posteriors { get; }

    private int OutcomeCount => _votes.ClassCount + (_abstentions ? 1 : 0);

    /// <summary>The probability of a vote in a class; of an abstention, 1 where abstentions are no outcome.</summary>
    public double Outcome(int function, int vote, int label) => Math.Exp(_logOutcomes[LabelPosterior.IndexOf(function, vote, label, _votes.ClassCount)]);

    /// <summary>The parameters that are most probable given the posteriors.</summary>
    public void Maximize()
    {
        int classes = _votes.ClassCount;
        if (_learnsBalance)
            ClassBalance = EstimateBalance();
        Array.Fill(_logOutcomes, _smoothing / OutcomeCount);
        for (int i = 0; i < _counts.Length; i++)
            for (int function = 0; function < _votes.FunctionCount; function++)
            {
                int start = LabelPosterior.IndexOf(function, _votes.Patterns[i][function], 0, classes);
                for (int label = 0; label < classes; label++)
                    _logOutcomes[start + label] += _counts[i] * Posteriors[i * classes + label];
            }
        for (int function = 0; function < _votes.FunctionCount; function++)
            for (int label = 0; label < classes; label++)
                NormalizeOutcomes(function, label);
    }

    /// <summary>The posteriors given the parameters.</summary>
    /// <returns>The logarithm of the likelihood of all votes and, up to a constant, of the prior that the pseudo-counts are; no iteration makes it smaller.</returns>
    public double Expect()
    {
        int classes = _votes.ClassCount;
        double objective = _learnsBalance ? _smoothing / classes * ClassBalance.Sum(Math.Log) : 0;
        for (int function = 0; function < _votes.FunctionCount; function++)
            for (int vote = _abstentions ? VoteMatrix.Abstain : 0; vote < classes; vote++)
                for (int label = 0; label < classes; label++)
                    objective += _smoothing / OutcomeCount * _logOutcomes[LabelPosterior.IndexOf(function, vote, label, classes)];
        for (int i = 0; i < _counts.Length; i++)
        {
            Span<double> posterior = Posterior(i);
            for (int label = 0; label < classes; label++)
                posterior[label] = Math.Log(ClassBalance[label]);
            for (int function = 0; function < _votes.FunctionCount; function++)
            {
                int start = LabelPosterior.IndexOf(function, _votes.Patterns[i][function], 0, classes);
                for (int label = 0; label < classes; label++)
                    posterior[label] += _logOutcomes[start + label];
            }
            objective += _counts[i] * LogSum.Normalize(posterior);
        }
        return objective;
    }

    public LabelPosterior ToPosterior() => new(_votes.FunctionCount, ClassBalance, [.. _logOutcomes]);

    /// <summary>By function, [true class, vote]: the probability of the vote.</summary>
    public double[][,] ToConfusionMatrices() => [.. Enumerable.Range(0, _votes.FunctionCount).Select(function =>
    {
        var matrix = new double[_votes.ClassCount, _votes.ClassCount];
        for (int label = 0; label < _votes.ClassCount; label++)
            for (int vote = 0; vote < _votes.ClassCount; vote++)
                matrix[label, vote] = Outcome(function, vote, label);
        return matrix;
    })];

    /// <summary>By function, the probability that a vote of it is right.</summary>
    public double[] ComputeAccuracies() => [.. Enumerable.Range(0, _votes.FunctionCount).Select(function =>
    {
        double right = 0, cast = 0;
        for (int label = 0; label < _votes.ClassCount; label++)
        {
            right += ClassBalance[label] * Outcome(function, label, label);
            for (int vote = 0; vote < _votes.ClassCount; vote++)
                cast += ClassBalance[label] * Outcome(function, vote, label);
        }
        return right / cast;
    })];

    private Span<double> Posterior(int pattern) => Posteriors.AsSpan(pattern * _votes.ClassCount, _votes.ClassCount);

    private double[] EstimateBalance()
    {
        int classes = _votes.ClassCount;
        double[] balance = [.. Enumerable.Repeat(_smoothing / classes, classes)];
        for (int i = 0; i < _counts.Length; i++)
            for (int label = 0; label < classes; label++)
                balance[label] += _counts[i] * Posteriors[i * classes + label];
        double all = balance.Sum();
        return [.. balance.Select(count => count / all)];
    }

    /// <summary>Turns the counts of one function's outcomes in one class into logarithms of probabilities.</summary>
    private void NormalizeOutcomes(int function, int label)
    {
        int classes = _votes.ClassCount;
        double sum = 0;
        for (int vote = _abstentions ? VoteMatrix.Abstain : 0; vote < classes; vote++)
            sum += _logOutcomes[LabelPosterior.IndexOf(function, vote, label, classes)];
        for (int vote = 0; vote < classes; vote++)
            Normalize(ref _logOutcomes[LabelPosterior.IndexOf(function, vote, label, classes)]);
        ref double abstention = ref _logOutcomes[LabelPosterior.IndexOf(function, VoteMatrix.Abstain, label, classes)];
        if (_abstentions)
            Normalize(ref abstention);
        else
            abstention = 0;

        void Normalize(ref double count) => count = Math.Log(count / sum);
    }
}
