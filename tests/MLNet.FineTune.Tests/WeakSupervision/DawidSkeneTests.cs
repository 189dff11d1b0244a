using MLNet.FineTune.WeakSupervision;
using static MLNet.FineTune.Tests.WeakSupervision.SyntheticVotes;

namespace MLNet.FineTune.Tests.WeakSupervision;

[TestClass]
public sealed class DawidSkeneTests
{
    private static readonly int[][] Small = [[0, 0, -1], [0, 1, 1], [1, 1, 1], [-1, 0, 1], [0, 0, 0], [-1, -1, -1], [0, 0, 0]];

    /// <summary>Three EM steps against plain loops over rows and dense arrays of probabilities, the formulas of the paper written out.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Steps_are_those_of_the_paper(bool abstentions)
    {
        const double Smoothing = 0.3;
        VoteMatrix votes = Matrix(2, 3, Small);
        var em = new DawidSkeneEm(votes, abstentions, Smoothing, classBalance: null);
        int outcomes = abstentions ? 3 : 2;
        int[][] rows = [.. Small.Where(row => abstentions || row.Any(vote => vote >= 0))];
        double[][] posterior = [.. rows.Select(row =>
        {
            double cast = row.Count(vote => vote >= 0);
            return cast == 0 ? new[] { 0.5, 0.5 } : [row.Count(vote => vote == 0) / cast, row.Count(vote => vote == 1) / cast];
        })];
        for (int step = 0; step < 3; step++)
        {
            double[] balance = [.. Enumerable.Range(0, 2).Select(label => (posterior.Sum(p => p[label]) + Smoothing / 2) / (rows.Length + Smoothing))];
            double Chance(int function, int vote, int label)
            {
                double all = 0, these = 0;
                for (int row = 0; row < rows.Length; row++)
                    if (abstentions || rows[row][function] >= 0)
                    {
                        all += posterior[row][label];
                        these += rows[row][function] == vote ? posterior[row][label] : 0;
                    }
                return (these + Smoothing / outcomes) / (all + Smoothing);
            }
            double expected = balance.Sum(share => Smoothing / 2 * Math.Log(share));
            for (int function = 0; function < 3; function++)
                for (int vote = abstentions ? -1 : 0; vote < 2; vote++)
                    for (int label = 0; label < 2; label++)
                        expected += Smoothing / outcomes * Math.Log(Chance(function, vote, label));
            var next = new double[rows.Length][];
            for (int row = 0; row < rows.Length; row++)
            {
                double[] joint = [.. Enumerable.Range(0, 2).Select(label => balance[label] * Enumerable.Range(0, 3)
                    .Where(function => abstentions || rows[row][function] >= 0).Aggregate(1.0, (product, function) => product * Chance(function, rows[row][function], label)))];
                expected += Math.Log(joint.Sum());
                next[row] = [joint[0] / joint.Sum(), joint[1] / joint.Sum()];
            }

            em.Maximize();
            AreClose(balance, em.ClassBalance, 1e-12);
            for (int function = 0; function < 3; function++)
                for (int label = 0; label < 2; label++)
                    for (int vote = 0; vote < 2; vote++)
                        Assert.AreEqual(Chance(function, vote, label), em.Outcome(function, vote, label), 1e-12);
            Assert.AreEqual(expected, em.Expect(), 1e-9);
            for (int row = 0; row < rows.Length; row++)
            {
                int pattern = Enumerable.Range(0, votes.Patterns.Count).Single(i => votes.Patterns[i].SequenceEqual(rows[row]));
                AreClose(next[row], em.Posteriors.Skip(2 * pattern).Take(2), 1e-12);
            }
            posterior = next;
        }
    }

    [TestMethod]
    [DataRow(AbstentionHandling.Ignored)]
    [DataRow(AbstentionHandling.Outcome)]
    public void The_likelihood_never_falls(AbstentionHandling abstentions)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            VoteMatrix votes = Matrix(3, 4, [.. Enumerable.Range(0, 60).Select(_ => (int[])[.. Enumerable.Range(0, 4).Select(_ => random.Next(-1, 3))])]);
            IReadOnlyList<double> objectives = Fit(new DawidSkene { Abstentions = abstentions, Tolerance = 0, Iterations = 40 }, votes, seed % 2 == 0 ? null : [0.5, 0.3, 0.2]).Objectives;
            for (int i = 1; i < objectives.Count; i++)
                Assert.IsGreaterThanOrEqualTo(objectives[i - 1] - 1e-9, objectives[i], $"seed {seed}, iteration {i}");
        }
    }

    /// <summary>Functions of very different skill, one of which confuses two classes: the truth is recovered, and labels beat the majority's.</summary>
    [TestMethod]
    public void Known_confusion_matrices_are_recovered()
    {
        double[] balance = [0.5, 0.3, 0.2];
        double[][][] outcomes =
        [
            .. Symmetric(3, (0.9, 0.9), (0.8, 0.85), (0.9, 0.45), (0.9, 0.4)),
            [[0.2, 0.7, 0.05, 0.05], [0.2, 0.1, 0.6, 0.1], [0.2, 0.1, 0.6, 0.1]],
        ];
        (VoteMatrix votes, int[] labels) = Draw(20_000, balance, outcomes);
        LabelModelFit fit = Fit(new DawidSkene(), votes);
        Assert.IsTrue(fit.Converged);
        AreClose(balance, fit.Posterior.ClassBalance, 0.02);
        for (int function = 0; function < 5; function++)
            for (int label = 0; label < 3; label++)
                AreClose(outcomes[function][label].Skip(1).Select(p => p / (1 - outcomes[function][label][0])), Enumerable.Range(0, 3).Select(vote => fit.ConfusionMatrices![function][label, vote]), 0.04);
        Assert.AreEqual(0.9, fit.Accuracies![0], 0.02);
        double majority = Accuracy(Fit(new MajorityVote(), votes), votes, labels), learnt = Accuracy(fit, votes, labels);
        Assert.IsGreaterThan(majority + 0.05, learnt, $"{learnt} against {majority}");
    }

    /// <summary>Functions that vote for one class only say nothing by their votes alone; when they abstain, and in which class, says it.</summary>
    [TestMethod]
    public void Functions_of_one_class_are_told_apart_by_abstentions()
    {
        double[][][] outcomes =
        [
            [[0.95, 0, 0.05], [0.4, 0, 0.6]], [[0.9, 0, 0.1], [0.5, 0, 0.5]], [[0.8, 0, 0.2], [0.6, 0, 0.4]],
            [[0.4, 0.6, 0], [0.9, 0.1, 0]], [[0.5, 0.5, 0], [0.7, 0.3, 0]],
        ];
        (VoteMatrix votes, int[] labels) = Draw(10_000, [0.6, 0.4], outcomes);
        LabelModelFit automatic = Fit(new DawidSkene(), votes);
        for (int function = 0; function < 5; function++)
            for (int label = 0; label < 2; label++)
                AreClose(outcomes[function][label].Skip(1), Enumerable.Range(0, 2).Select(vote => automatic.ConfusionMatrices![function][label, vote]), 0.05);
        double majority = Accuracy(Fit(new MajorityVote(), votes), votes, labels);
        Assert.IsGreaterThanOrEqualTo(majority, Accuracy(automatic, votes, labels));
        Assert.IsLessThan(majority, Accuracy(Fit(new DawidSkene { Abstentions = AbstentionHandling.Ignored }, votes), votes, labels));
    }

    [TestMethod]
    public void A_given_class_balance_is_kept()
    {
        (VoteMatrix votes, _) = Draw(500, [0.5, 0.5], Symmetric(2, (0.9, 0.8), (0.9, 0.7), (0.9, 0.6)));
        CollectionAssert.AreEqual(new[] { 0.9, 0.1 }, Fit(new DawidSkene(), votes, [0.9, 0.1]).Posterior.ClassBalance);
    }
}
