using MLNet.FineTune.WeakSupervision;
using static MLNet.FineTune.Tests.WeakSupervision.SyntheticVotes;

namespace MLNet.FineTune.Tests.WeakSupervision;

[TestClass]
public sealed class DataProgrammingTests
{
    /// <summary>The likelihood by summing the density over every row of votes there can be, given every label; the second function of three classes votes for one only.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void Likelihood_is_that_of_the_density(int classes)
    {
        (VoteMatrix votes, FunctionGroups groups, double[] weights) = Case(classes);
        var model = new GenerativeModel(votes, groups, null);
        int[][] all = [.. Enumerable.Range(0, (int)Math.Pow(classes + 1, 4)).Select(i => (int[])[.. Enumerable.Range(0, 4).Select(f => i / (int)Math.Pow(classes + 1, f) % (classes + 1) - 1)])];
        all = [.. all.Where(row => classes == 2 || row[1] is -1 or 2)];
        double[] shares = [.. Enumerable.Range(0, classes).Select(label => Math.Exp(weights[8 + groups.Pairs.Count + label]))];
        double[] sums = [.. Enumerable.Range(0, classes).Select(label => all.Sum(row => Factors(row, label)))];
        double expected = votes.Rows.Average(pattern => Math.Log(Enumerable.Range(0, classes).Sum(label => Density(votes.Patterns[pattern], label))));
        Assert.AreEqual(expected, model.Evaluate(weights, new double[weights.Length]), 1e-10);

        // And the posterior, the class balance and the accuracies of the same density.
        LabelPosterior posterior = model.ToPosterior(weights);
        AreClose(shares.Select(share => share / shares.Sum()), posterior.ClassBalance, 1e-10);
        foreach (int[] row in all.Take(40))
        {
            double[] joint = [.. Enumerable.Range(0, classes).Select(label => Density(row, label))];
            AreClose(joint.Select(p => p / joint.Sum()), Posterior(new LabelModelFit(posterior), row), 1e-10);
        }
        double[] accuracies = model.ComputeAccuracies(weights);
        for (int function = 0; function < 4; function++)
        {
            double cast = all.Where(row => row[function] >= 0).Sum(row => Enumerable.Range(0, classes).Sum(label => Density(row, label)));
            Assert.AreEqual(all.Where(row => row[function] >= 0).Sum(row => Density(row, row[function])) / cast, accuracies[function], 1e-10);
        }

        double Density(int[] row, int label) => shares[label] / shares.Sum() * Factors(row, label) / sums[label];

        double Factors(int[] row, int label)
        {
            double exponent = 0;
            for (int function = 0; function < 4; function++)
                exponent += (row[function] == label ? weights[function] : 0) + (row[function] != -1 ? weights[4 + function] : 0);
            for (int pair = 0; pair < groups.Pairs.Count; pair++)
                exponent += row[groups.Pairs[pair].First] == row[groups.Pairs[pair].Second] ? weights[8 + pair] : 0;
            return Math.Exp(exponent);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Gradient_is_that_of_finite_differences(bool givenBalance)
    {
        (VoteMatrix votes, FunctionGroups groups, double[] weights) = Case(3);
        var model = new GenerativeModel(votes, groups, givenBalance ? [0.5, 0.3, 0.2] : null);
        IsGradient(model.Evaluate, weights[..model.Layout.Count]);
    }

    [TestMethod]
    public void Gradient_of_the_pseudo_likelihood_is_that_of_finite_differences()
    {
        (VoteMatrix votes, FunctionGroups groups, _) = Case(3);
        var random = new Random(5);
        for (int function = 0; function < 4; function++)
        {
            var pseudo = new PseudoLikelihood(votes, function, groups.Outcomes[function]);
            IsGradient(pseudo.Evaluate, [.. Enumerable.Range(0, pseudo.WeightCount).Select(_ => random.NextDouble() - 0.3)]);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    public void Accuracies_and_class_balance_are_recovered(int classes)
    {
        (double Coverage, double Accuracy)[] functions = [(0.9, 0.9), (0.5, 0.8), (0.3, 0.7), (0.7, 0.6), (0.8, 0.85)];
        double[] balance = classes == 2 ? [0.7, 0.3] : [0.4, 0.3, 0.2, 0.1];
        (VoteMatrix votes, int[] labels) = Draw(10_000, balance, Symmetric(classes, functions));
        LabelModelFit fit = Fit(new DataProgramming { LearnClassBalance = true }, votes);
        Assert.IsTrue(fit.Converged);
        AreClose(functions.Select(function => function.Accuracy), fit.Accuracies!, 0.03);
        AreClose(balance, fit.Posterior.ClassBalance, 0.03);
        AreClose(functions.Select(function => function.Accuracy), Fit(new DataProgramming(), votes, balance).Accuracies!, 0.03);
        Assert.IsGreaterThanOrEqualTo(Accuracy(Fit(new MajorityVote(), votes), votes, labels), Accuracy(fit, votes, labels));
        for (int i = 1; i < fit.Objectives.Count; i++)
            Assert.IsGreaterThanOrEqualTo(fit.Objectives[i - 1] - 1e-9, fit.Objectives[i]);
    }

    /// <summary>A poor function that is there five times outvotes better ones, and looks right because it agrees with itself, until the copies count as dependent.</summary>
    [TestMethod]
    public void Copies_of_a_function_do_not_outvote_better_ones()
    {
        (VoteMatrix independent, int[] labels) = Draw(3000, [0.5, 0.5], Symmetric(2, (0.9, 0.6), (0.9, 0.85), (0.9, 0.85), (0.9, 0.8)));
        var votes = new VoteMatrix(["copy0", "copy1", "copy2", "a", "b", "c"], 2);
        var random = new Random(3);
        foreach (int pattern in independent.Rows)
        {
            int[] row = independent.Patterns[pattern];
            votes.Add([row[0], Copy(row[0]), Copy(row[0]), row[1], row[2], row[3]]);
        }
        LabelModelFit blind = Fit(new DataProgramming(), votes);
        LabelModelFit given = Fit(new DataProgramming { Dependencies = [("copy0", "copy1"), ("copy1", "copy2"), ("copy2", "copy0")] }, votes);
        LabelModelFit detected = Fit(new DataProgramming { DetectDependencies = true }, votes);
        Assert.IsGreaterThan(0.75, blind.Accuracies![0], "the copies look right where nothing says that they are copies");
        AreClose([0.6, 0.6, 0.6, 0.85, 0.85, 0.8], given.Accuracies!, 0.06);
        CollectionAssert.IsSubsetOf(new[] { (0, 1), (0, 2) }, detected.Dependencies.ToArray(), "given the original, its copies are independent of each other");
        double aware = Accuracy(given, votes, labels);
        Assert.IsGreaterThan(Accuracy(blind, votes, labels) + 0.05, aware);
        Assert.AreEqual(aware, Accuracy(detected, votes, labels), 0.02);

        int Copy(int vote) => random.NextDouble() < 0.95 ? vote : random.Next(-1, 2);
    }

    /// <summary>Where functions vote for one class only, the model of two classes is Dawid and Skene's with abstentions: both have two free probabilities for each function.</summary>
    [TestMethod]
    public void Functions_of_one_class_are_modelled_as_dawid_and_skene_do()
    {
        double[][][] outcomes = [[[0.95, 0, 0.05], [0.4, 0, 0.6]], [[0.9, 0, 0.1], [0.5, 0, 0.5]], [[0.8, 0, 0.2], [0.6, 0, 0.4]], [[0.4, 0.6, 0], [0.9, 0.1, 0]], [[0.5, 0.5, 0], [0.7, 0.3, 0]]];
        (VoteMatrix votes, _) = Draw(10_000, [0.6, 0.4], outcomes);
        LabelModelFit one = Fit(new DataProgramming { LearnClassBalance = true, Regularization = 0, Tolerance = 1e-11, Iterations = 5000 }, votes);
        LabelModelFit other = Fit(new DawidSkene { Smoothing = 1e-6, Tolerance = 1e-10, Iterations = 3000 }, votes);
        AreClose(other.Posterior.ClassBalance, one.Posterior.ClassBalance, 5e-3);
        AreClose(other.Accuracies!, one.Accuracies!, 5e-3);
        Assert.AreEqual(other.Objectives[^1], one.Objectives[^1], 0.1);
    }

    [TestMethod]
    public void Independent_functions_are_not_found_dependent()
    {
        (VoteMatrix votes, _) = Draw(5000, [0.5, 0.5], Symmetric(2, (0.8, 0.8), (0.7, 0.85), (0.9, 0.75), (0.6, 0.8)));
        Assert.IsEmpty(Fit(new DataProgramming { DetectDependencies = true }, votes).Dependencies);
    }

    [TestMethod]
    public void Dependencies_that_cannot_be_are_refused()
    {
        (VoteMatrix votes, _) = Draw(100, [0.5, 0.5], Symmetric(2, [.. Enumerable.Repeat((0.8, 0.8), 12)]));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(new DataProgramming { Dependencies = [("f0", "nobody")] }, votes)).Message, "'nobody'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(new DataProgramming { Dependencies = [("f0", "f0")] }, votes)).Message, "with itself");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Fit(new DataProgramming { Dependencies = [.. Enumerable.Range(1, 11).Select(i => ($"f{i - 1}", $"f{i}"))] }, votes)).Message, "links too many");
    }

    private static (VoteMatrix Votes, FunctionGroups Groups, double[] Weights) Case(int classes)
    {
        var random = new Random(2);
        VoteMatrix votes = Matrix(classes, 4, [.. Enumerable.Range(0, 60).Select(_ => (int[])[.. Enumerable.Range(0, 4).Select(f => f == 1 && classes == 3 ? random.Next(2) * 3 - 1 : random.Next(-1, classes))])]);
        var groups = new FunctionGroups(votes);
        Assert.IsTrue(groups.TryAdd(0, 2));
        Assert.IsTrue(groups.TryAdd(3, 2));
        return (votes, groups, [.. Enumerable.Range(0, 10 + classes).Select(_ => 2 * random.NextDouble() - 0.7)]);
    }

    private static void IsGradient(Func<double[], double[], double> evaluate, double[] weights)
    {
        const double Step = 1e-5;
        double[] gradient = new double[weights.Length], unused = new double[weights.Length];
        evaluate(weights, gradient);
        for (int i = 0; i < weights.Length; i++)
        {
            double[] above = [.. weights], below = [.. weights];
            above[i] += Step;
            below[i] -= Step;
            Assert.AreEqual((evaluate(above, unused) - evaluate(below, unused)) / (2 * Step), gradient[i], 1e-8, $"weight {i}");
        }
    }
}
