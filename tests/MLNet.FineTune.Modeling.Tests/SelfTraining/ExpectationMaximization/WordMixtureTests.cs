using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class WordMixtureTests
{
    private static WordMixtureOptions Once { get; } = new(Iterations: 1, UnlabeledWeight: 0.5, WordWeight: 0.7, Smoothing: 0.2);

    [TestMethod]
    public void OneIterationIsThatOfTheFormulas()
    {
        // Words 1, 2 and 3; word 9 is in every text and counts for nothing, nor does a word's second time.
        PseudoLabels prior = new([0.6f, 0.4f, 0.1f, 0.9f], 2);
        PseudoLabels found = Mixture([[9, 1, 1], [9, 2]], [0, 1], [[1, 9, 3, 9], [9, 3]], prior, Once).Fit();

        // Weights of words in the classes: labelled ones count one, the others half of their probability.
        double[][] counts = [[1 + 0.3, 0, 0.3 + 0.05], [0.2, 1, 0.2 + 0.45]];
        double LogWord(int label, int word) => Math.Log((counts[label][word - 1] + 0.2) / (counts[label].Sum() + 3 * 0.2));
        double Odds(double first, double second, params int[] words) => Math.Log(first / second) + 0.7 * words.Sum(word => LogWord(0, word) - LogWord(1, word));
        Assert.AreEqual(Odds(0.6, 0.4, 1, 3), Math.Log(found[0][0] / found[0][1]), 1e-5);
        Assert.AreEqual(Odds(0.1, 0.9, 3), Math.Log(found[1][0] / found[1][1]), 1e-5);
        Assert.AreEqual(1, found[0][0] + found[0][1], 1e-6);
    }

    [TestMethod]
    public void LabelledTextsCountByTheirWeights()
    {
        PseudoLabels prior = new([0.5f, 0.5f], 2);
        PseudoLabels twice = Mixture([[1, 2], [1, 2], [3]], [0, 0, 1], [[1, 3]], prior, Once).Fit();
        PseudoLabels weighted = Mixture([[1, 2], [3]], [0, 1], [[1, 3]], prior, Once, [2, 1]).Fit();
        Assert.AreEqual(twice[0][0], weighted[0][0], 1e-6);
        Assert.AreNotEqual(Mixture([[1, 2], [3]], [0, 1], [[1, 3]], prior, Once).Fit()[0][0], weighted[0][0], 1e-3);
    }

    [TestMethod]
    public void NoIterationMakesTheTextsLessLikely()
    {
        const int Classes = 3, Vocabulary = 30;
        const double Weight = 0.3, Smoothing = 0.1;
        var random = new Random(3);
        int[][] Texts(int count) => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(Vocabulary)).Distinct().ToArray())];
        int[][] labeled = [.. Texts(9), [.. Enumerable.Range(0, Vocabulary)]], unlabeled = Texts(60);
        int[] labels = [.. Enumerable.Range(0, 10).Select(i => i % Classes)];
        var prior = new PseudoLabels([.. Enumerable.Range(0, 60).SelectMany(_ =>
        {
            double[] values = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
            return values.Select(value => (float)(value / values.Sum()));
        })], Classes);

        // What the iterations make greater: the likelihood of all texts, by word distributions that are fitted here, and the Dirichlet prior of these.
        double Objective(PseudoLabels found)
        {
            double[][] words = [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Repeat(Smoothing, Vocabulary).ToArray())];
            for (int row = 0; row < labeled.Length; row++)
                foreach (int word in labeled[row])
                    words[labels[row]][word]++;
            for (int row = 0; row < unlabeled.Length; row++)
                for (int label = 0; label < Classes; label++)
                    foreach (int word in unlabeled[row])
                        words[label][word] += Weight * found[row][label];
            words = [.. words.Select(counts => counts.Select(count => Math.Log(count / counts.Sum())).ToArray())];
            return labeled.Index().Sum(text => text.Item.Sum(word => words[labels[text.Index]][word])) + Smoothing * words.Sum(logs => logs.Sum())
                + Weight * unlabeled.Index().Sum(text => Math.Log(Enumerable.Range(0, Classes).Sum(label => prior[text.Index][label] * Math.Exp(text.Item.Sum(word => words[label][word])))));
        }

        double[] objectives = [Objective(prior), .. Enumerable.Range(1, 15).Select(count => Objective(Mixture(labeled, labels, unlabeled, prior, new WordMixtureOptions(count, Weight, WordWeight: 1, Smoothing)).Fit()))];
        for (int i = 1; i < objectives.Length; i++)
            Assert.IsGreaterThanOrEqualTo(objectives[i - 1] - 1e-4, objectives[i], $"iteration {i}");
        Assert.IsGreaterThan(objectives[0] + 1, objectives[^1]);
    }

    [TestMethod]
    public void WordsThatGoTogetherCarryTheLabelsOn()
    {
        // Each class has a chain of words: texts hold neighbours of it, and a label is given to its first link alone.
        int[][] Chain(int start) => [.. Enumerable.Range(0, 200).Select(i => new[] { start + i % 4, start + i % 4 + 1 })];
        int[][] texts = [.. Chain(10), .. Chain(20)];
        PseudoLabels unsure = new([.. Enumerable.Repeat(0.5f, 2 * texts.Length)], 2);
        PseudoLabels found = Mixture([[10], [20]], [0, 1], texts, unsure, new WordMixtureOptions(20, 0.3, 0.5, 0.1)).Fit();
        Assert.IsTrue(Enumerable.Range(0, texts.Length).All(row => found.Label(row) == row / 200));
    }

    [TestMethod]
    public void WithoutWordsTheEncoderDecides()
    {
        PseudoLabels found = Mixture([[1, 9], [2, 9]], [0, 1], [[9]], new PseudoLabels([0.8f, 0.2f], 2), Once).Fit();
        Assert.AreEqual(0.8f, found[0][0], 1e-6f);
    }

    [TestMethod]
    public void LongTextsAreNoProblem()
    {
        // Likelihoods of hundreds of words are too small for numbers, not so their logarithms.
        int[] words = [.. Enumerable.Range(100, 500)];
        PseudoLabels found = Mixture([[1, .. words], [2]], [0, 1], [words, [2, 3]], new PseudoLabels([0.5f, 0.5f, 0.5f, 0.5f], 2), Once with { Iterations = 10 }).Fit();
        Assert.IsTrue(found.Probabilities.All(float.IsFinite));
        CollectionAssert.AreEqual(new[] { 0, 1 }, new[] { found.Label(0), found.Label(1) });
    }

    private static WordMixture Mixture(int[][] labeled, int[] labels, int[][] unlabeled, PseudoLabels prior, WordMixtureOptions options, float[]? weights = null) =>
        new(Texts(labeled), labels, weights, Texts(unlabeled), prior, options);

    private static TextBatches Texts(int[][] rows) => new([.. rows.Select(ids => new Encoding(ids, new int[ids.Length]))], null!);
}
