using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>What a label model has learnt: how the votes on an example become probabilities of its classes.</summary>
/// <remarks>
/// Every model's posterior is the class balance times a factor of each vote, and is kept as the logarithms of the factors; or, where the votes
/// are counted only, the share of them that each class has.
/// </remarks>
internal sealed class LabelPosterior
{
    /// <summary>Probabilities nearer to each other than this are ties: sums in another order differ by rounding.</summary>
    private const double Tie = 1e-9;

    /// <param name="functionCount">How many functions vote.</param>
    /// <param name="classBalance">Probability of each class before any vote.</param>
    /// <param name="evidence">See <see cref="Evidence"/>; null counts votes.</param>
    public LabelPosterior(int functionCount, double[] classBalance, double[]? evidence) =>
        (FunctionCount, ClassBalance, Evidence) = (functionCount, classBalance, evidence);

    public int FunctionCount { get; }

    public int ClassCount => ClassBalance.Length;

    public double[] ClassBalance { get; }

    /// <summary>Log-factors [function, vote + 1, class]; null where votes are counted.</summary>
    public double[]? Evidence { get; }

    /// <summary>The place of a factor in <see cref="Evidence"/>.</summary>
    public static int IndexOf(int function, int vote, int label, int classCount) => (function * (classCount + 1) + vote + 1) * classCount + label;

    /// <summary>Factors of functions whose votes are right with a given log-odds, and wrong alike in all other classes.</summary>
    /// <param name="logOdds">By function, what the class that is voted for gains over each other one.</param>
    /// <param name="classCount">How many classes there are.</param>
    public static double[] SymmetricEvidence(ReadOnlySpan<double> logOdds, int classCount)
    {
        var evidence = new double[logOdds.Length * (classCount + 1) * classCount];
        for (int function = 0; function < logOdds.Length; function++)
            for (int label = 0; label < classCount; label++)
                evidence[IndexOf(function, label, label, classCount)] = logOdds[function];
        return evidence;
    }

    /// <summary>Probabilities of the classes given the votes on an example.</summary>
    public void Compute(ReadOnlySpan<int> votes, Span<double> probabilities)
    {
        if (Evidence is null)
        {
            if (!VoteMatrix.TryGetShares(votes, probabilities))
                ClassBalance.CopyTo(probabilities);
            return;
        }
        for (int label = 0; label < ClassCount; label++)
            probabilities[label] = Math.Log(ClassBalance[label]);
        for (int function = 0; function < votes.Length; function++)
        {
            int start = IndexOf(function, votes[function], 0, ClassCount);
            for (int label = 0; label < ClassCount; label++)
                probabilities[label] += Evidence[start + label];
        }
        LogSum.Normalize(probabilities);
    }

    /// <summary>The label: the most probable class, of several the one with the largest balance, of several the first; missing where all functions abstain.</summary>
    public int Decide(ReadOnlySpan<int> votes, ReadOnlySpan<double> probabilities)
    {
        if (!votes.ContainsAnyExcept(VoteMatrix.Abstain))
            return LabelColumn.Missing;
        double largest = double.NegativeInfinity;
        foreach (double probability in probabilities)
            largest = Math.Max(largest, probability);
        int best = -1;
        for (int label = 0; label < probabilities.Length; label++)
            if (probabilities[label] >= largest - Tie && (best < 0 || ClassBalance[label] > ClassBalance[best] + Tie))
                best = label;
        return best;
    }
}
