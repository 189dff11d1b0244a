using MLNet.FineTune.WeakSupervision;
using static MLNet.FineTune.Tests.WeakSupervision.SyntheticVotes;

namespace MLNet.FineTune.Tests.WeakSupervision;

/// <summary>Majority and weighted votes.</summary>
[TestClass]
public sealed class VotingTests
{
    [TestMethod]
    public void A_majority_is_a_share_of_the_votes()
    {
        LabelModelFit fit = Fit(new MajorityVote(), Matrix(3, 4, [0, 1, 1, -1]));
        AreClose([1.0 / 3, 2.0 / 3, 0], Posterior(fit, 0, 1, 1, -1), 1e-12);
        AreClose([0, 0, 1], Posterior(fit, -1, -1, 2, -1), 1e-12);
        AreClose([1.0 / 3, 1.0 / 3, 1.0 / 3], Posterior(fit, -1, -1, -1, -1), 1e-12);
        Assert.AreEqual(1, Decide(fit, 0, 1, 1, -1));
        Assert.AreEqual(-1, Decide(fit, -1, -1, -1, -1));
    }

    [TestMethod]
    public void A_tie_goes_to_the_larger_class_or_to_the_first()
    {
        VoteMatrix votes = Matrix(3, 4, [0, 1, 1, -1]);
        Assert.AreEqual(1, Decide(Fit(new MajorityVote(), votes), 2, 2, 1, 1));
        LabelModelFit balanced = Fit(new MajorityVote(), votes, [0.5, 0.2, 0.3]);
        Assert.AreEqual(2, Decide(balanced, 2, 2, 1, 1));
        AreClose([0.5, 0.2, 0.3], Posterior(balanced, -1, -1, -1, -1), 1e-12);
    }

    /// <summary>Bayes' rule for functions of known accuracy.</summary>
    [TestMethod]
    public void Given_accuracies_weigh_as_bayes_says()
    {
        double[] balance = [0.2, 0.3, 0.5], accuracy = [0.9, 0.6, 0.4];
        var model = new WeightedVote { Accuracies = new() { ["f0"] = 0.9, ["f1"] = 0.6, ["f2"] = 0.4 } };
        LabelModelFit fit = Fit(model, Matrix(3, 3, [0, 1, 2]), balance);
        foreach (int[] votes in (int[][])[[0, 1, 2], [0, 1, 1], [-1, 2, 2], [1, -1, -1], [-1, -1, -1]])
        {
            double[] joint = [.. Enumerable.Range(0, 3).Select(label => balance[label] * Enumerable.Range(0, 3).Where(f => votes[f] >= 0).Aggregate(1.0, (p, f) => p * (votes[f] == label ? accuracy[f] : (1 - accuracy[f]) / 2)))];
            AreClose(joint.Select(p => p / joint.Sum()), Posterior(fit, votes), 1e-12);
        }
    }

    /// <summary>Agreement with the majority of the others, counted by hand: f0 agrees in rows 0 and 1 of three that can be compared, for row 3 ties and row 4 has no other vote.</summary>
    [TestMethod]
    public void Accuracies_are_agreement_with_the_others()
    {
        VoteMatrix votes = Matrix(2, 3, [0, 0, 0], [1, 1, -1], [0, 1, 1], [0, 0, 1], [1, -1, -1]);
        AreClose([(2 + 1.4) / 5, (2 + 1.4) / 4, (1 + 1.4) / 4], Fit(new WeightedVote(), votes).Accuracies!, 1e-12);
        var half = new WeightedVote { Accuracies = new() { ["f1"] = 0.55 } };
        AreClose([(2 + 1.4) / 5, 0.55, (1 + 1.4) / 4], Fit(half, votes).Accuracies!, 1e-12);
    }

    [TestMethod]
    public void Better_functions_outvote_worse_ones()
    {
        (VoteMatrix votes, int[] labels) = Draw(5000, [0.5, 0.5], Symmetric(2, (0.9, 0.95), (0.9, 0.95), (0.9, 0.55), (0.9, 0.55), (0.9, 0.55)));
        Assert.IsGreaterThan(Accuracy(Fit(new MajorityVote(), votes), votes, labels) + 0.03, Accuracy(Fit(new WeightedVote(), votes), votes, labels));
    }

    [TestMethod]
    public void Accuracies_that_cannot_be_are_refused()
    {
        VoteMatrix votes = Matrix(2, 2, [0, 1]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(new WeightedVote { Accuracies = new() { ["f7"] = 0.9 } }, votes)).Message, "'f7'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(new WeightedVote { Accuracies = new() { ["f1"] = 1 } }, votes)).Message, "Accuracies['f1'] is 1");
    }

    private static int Decide(LabelModelFit fit, params int[] votes) => fit.Posterior.Decide(votes, Posterior(fit, votes));
}
