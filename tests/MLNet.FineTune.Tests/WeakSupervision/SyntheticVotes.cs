using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune.Tests.WeakSupervision;

/// <summary>Votes drawn from known distributions, and ways to compare what models make of them.</summary>
internal static class SyntheticVotes
{
    /// <param name="rows">How many.</param>
    /// <param name="balance">Probability of each class.</param>
    /// <param name="outcomes">By function, [class][outcome]: probability of abstaining, then of each vote.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static (VoteMatrix Votes, int[] Labels) Draw(int rows, double[] balance, double[][][] outcomes, int seed = 1)
    {
        var random = new Random(seed);
        var votes = Matrix(balance.Length, outcomes.Length);
        var labels = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            labels[row] = Pick(balance, random);
            votes.Add([.. outcomes.Select(function => Pick(function[labels[row]], random) - 1)]);
        }
        return (votes, labels);
    }

    /// <summary>Outcomes of functions that vote with one probability and are right with one, in all classes.</summary>
    public static double[][][] Symmetric(int classes, params (double Coverage, double Accuracy)[] functions) => [.. functions.Select(function =>
        (double[][])[.. Enumerable.Range(0, classes).Select(label =>
            (double[])[1 - function.Coverage, .. Enumerable.Range(0, classes).Select(vote => function.Coverage * (vote == label ? function.Accuracy : (1 - function.Accuracy) / (classes - 1)))])])];

    public static VoteMatrix Matrix(int classes, int functions, params int[][] rows)
    {
        var votes = new VoteMatrix([.. Enumerable.Range(0, functions).Select(i => $"f{i}")], classes);
        foreach (int[] row in rows)
            votes.Add(row);
        return votes;
    }

    public static LabelModelFit Fit(LabelModel model, VoteMatrix votes, double[]? balance = null)
    {
        model.Validate();
        return model.Fit(votes, new LabelModelContext(balance, () => { }));
    }

    public static double[] Posterior(LabelModelFit fit, params int[] votes)
    {
        var probabilities = new double[fit.Posterior.ClassCount];
        fit.Posterior.Compute(votes, probabilities);
        return probabilities;
    }

    /// <summary>The share of rows with a vote that get their true class.</summary>
    public static double Accuracy(LabelModelFit fit, VoteMatrix votes, int[] labels)
    {
        int[] decided = [.. votes.Patterns.Select(pattern => fit.Posterior.Decide(pattern, Posterior(fit, pattern)))];
        int[] covered = [.. Enumerable.Range(0, labels.Length).Where(row => decided[votes.Rows[row]] >= 0)];
        return covered.Count(row => decided[votes.Rows[row]] == labels[row]) / (double)covered.Length;
    }

    public static void AreClose(IEnumerable<double> expected, IEnumerable<double> found, double tolerance)
    {
        double[] one = [.. expected], other = [.. found];
        Assert.HasCount(one.Length, other);
        for (int i = 0; i < one.Length; i++)
            Assert.AreEqual(one[i], other[i], tolerance, $"[{i}]");
    }

    private static int Pick(double[] probabilities, Random random)
    {
        double rest = random.NextDouble();
        for (int i = 0; i < probabilities.Length - 1; i++)
            if ((rest -= probabilities[i]) < 0)
                return i;
        return probabilities.Length - 1;
    }
}
