using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.FewShot;

[TestClass]
public sealed class LogisticRegressionHeadTests
{
    private const int Width = 6;
    private const int Rows = 60;

    [TestMethod]
    [DataRow(2, true)]
    [DataRow(2, false)]
    [DataRow(5, true)]
    [DataRow(5, false)]
    public void The_head_minimises_the_penalised_cross_entropy(int classes, bool standardize)
    {
        EmbeddedTexts texts = Clusters(classes);
        var options = new LogisticRegressionHead { L2Regularization = 1, Standardize = standardize };
        LinearHead head = new LogisticRegressionTrainer(options, seed: 1).Fit(texts, null, null);
        double loss = CrossEntropy(head, texts);
        Assert.IsLessThan(0.6 * Math.Log(classes), loss, $"{loss}");
        float[] logits = head.Score(texts.Values);
        int right = Enumerable.Range(0, Rows).Count(row => Largest(logits.AsSpan(row * classes, classes)) == texts.Texts.Labels[row]);
        Assert.IsGreaterThan(0.9 * Rows, right, $"{right} of {Rows} right.");
    }

    private static double CrossEntropy(LinearHead head, EmbeddedTexts texts)
    {
        int classes = head.Bias.Length;
        float[] logits = head.Score(texts.Values);
        return Enumerable.Range(0, texts.Count).Average(row =>
        {
            float[] scores = logits[(row * classes)..((row + 1) * classes)];
            double max = scores.Max();
            return max + Math.Log(scores.Sum(score => Math.Exp(score - max))) - scores[texts.Texts.Labels[row]];
        });
    }

    private static EmbeddedTexts Clusters(int classes)
    {
        var random = new Random(3);
        int[] labels = [.. Enumerable.Range(0, Rows).Select(row => row % classes)];
        float[] values = [.. labels.SelectMany(label => Enumerable.Range(0, Width).Select(i => (float)((i == label ? 3 : 0) + random.NextDouble() + i)))];
        return new EmbeddedTexts(values, Width, new EncodedTexts(null!, labels), classes);
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }
}
