using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.FewShot;

[TestClass]
public sealed class LogisticRegressionHeadTests
{
    private const int Width = 6;
    private const int Rows = 60;

    /// <summary>Where the gradient of Σ weight · cross entropy + λ/2 ‖w‖² vanishes, with weights of rows and of classes.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void The_head_minimises_the_weighted_penalised_cross_entropy(int classes)
    {
        const float Penalty = 2;
        var random = new Random(5);
        EmbeddedTexts plain = Clusters(classes), texts = plain with { Texts = plain.Texts with { Weights = [.. Enumerable.Range(0, Rows).Select(_ => random.NextSingle() + 0.5f)] } };
        float[] classWeights = [.. Enumerable.Range(1, classes).Select(i => (float)i)];
        LinearHead head = Fit(texts, new LogisticRegressionHead { L2Regularization = Penalty, Standardize = false }, new TrainingOptions { ClassWeights = classWeights });
        float[] logits = head.Score(texts.Values);
        // Of two classes the odds of the second are fitted.
        for (int @class = classes == 2 ? 1 : 0; @class < classes; @class++)
        {
            double[] gradient = [.. Enumerable.Range(0, Width).Select(i => (double)Penalty * head.Weight[@class * Width + i]), 0];
            for (int row = 0; row < Rows; row++)
            {
                double[] exponentials = [.. logits[(row * classes)..((row + 1) * classes)].Select(logit => Math.Exp(logit))];
                double residual = exponentials[@class] / exponentials.Sum() - (texts.Texts.Labels[row] == @class ? 1 : 0);
                double weight = texts.Texts.Weights![row] * classWeights[texts.Texts.Labels[row]];
                for (int i = 0; i < Width; i++)
                    gradient[i] += weight * residual * texts[row][i];
                gradient[Width] += weight * residual;
            }
            foreach (double component in gradient)
                Assert.AreEqual(0, component, 0.2, $"class {@class} of {classes}");
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void A_standardised_head_classifies_what_it_learnt(int classes)
    {
        EmbeddedTexts texts = Clusters(classes);
        float[] logits = Fit(texts).Score(texts.Values);
        Assert.IsGreaterThan(0.9 * Rows, Enumerable.Range(0, Rows).Count(row => Largest(logits.AsSpan(row * classes, classes)) == texts.Texts.Labels[row]));
    }

    /// <summary>Scales are weighted too: a row of weight 2 is two rows, one of weight 0 is none.</summary>
    [TestMethod]
    public void Weights_count_as_repetitions_do()
    {
        EmbeddedTexts texts = Clusters(3);
        int[] repetitions = [.. Enumerable.Range(0, Rows).Select(row => row % 4)], repeated = [.. Enumerable.Range(0, Rows).SelectMany(row => Enumerable.Repeat(row, repetitions[row]))];
        LinearHead weighted = Fit(texts with { Texts = texts.Texts with { Weights = [.. repetitions.Select(count => (float)count)] } });
        AssertSame(Fit(Of(texts, repeated)), weighted, texts.Values);
    }

    [TestMethod]
    public void Balanced_classes_weigh_the_same_in_all()
    {
        EmbeddedTexts all = Clusters(2), texts = Of(all, [.. Enumerable.Range(0, Rows).Where(row => row % 2 == 0 || row < 12)]);
        float rare = texts.Texts.Labels.Count(label => label == 1), frequent = texts.Count - rare;
        var balanced = new TrainingOptions { ClassWeighting = ClassWeighting.Balanced };
        var explicitly = new TrainingOptions { ClassWeights = [texts.Count / (2 * frequent), texts.Count / (2 * rare)] };
        AssertSame(Fit(texts, training: explicitly), Fit(texts, training: balanced), texts.Values);
        Assert.AreNotEqual(Fit(texts).Bias[1], Fit(texts, training: balanced).Bias[1], 0.1f);
    }

    /// <summary>Soft labels: rows of one text share its embedding, and cost no copy of it.</summary>
    [TestMethod]
    public void Rows_that_share_an_embedding_are_as_rows_of_their_own()
    {
        EmbeddedTexts texts = Clusters(3);
        var random = new Random(2);
        float[] probabilities = [.. Enumerable.Range(0, Rows).SelectMany(_ => { float first = random.NextSingle(); return new[] { first, (1 - first) / 2, (1 - first) / 2 }; })];
        EmbeddedTexts soft = SoftLabels.Expand(texts with { Texts = Encoded(texts.Texts.Labels) }, probabilities);
        Assert.AreSame(texts.Values, soft.Values);
        Assert.IsGreaterThan(2 * Rows, soft.Count);
        EmbeddedTexts copied = soft with { Values = [.. Enumerable.Range(0, soft.Count).SelectMany(row => soft[row].ToArray())], Sources = null };
        AssertSame(Fit(copied), Fit(soft), texts.Values);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var gradient = new GradientHeadTrainer(new TrainingOptions { Epochs = 2 }, TorchSharp.torch.CPU, seed: 1);
        AssertSame(gradient.Fit(copied, null, null), gradient.Fit(soft, null, null), texts.Values);
    }

    /// <summary>ML.NET's trainer does not look whether it was cancelled once it has begun.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void Fitting_can_be_cancelled_in_any_iteration(int classes)
    {
        int polls = 0;
        void Stop()
        {
            if (++polls == 8)
                throw new OperationCanceledException();
        }

        Assert.ThrowsExactly<OperationCanceledException>(() => new LogisticRegressionTrainer(new LogisticRegressionHead(), new TrainingOptions(), seed: 1).Fit(Clusters(classes), null, Stop));
        Assert.AreEqual(8, polls);
    }

    private static LinearHead Fit(EmbeddedTexts texts, LogisticRegressionHead? options = null, TrainingOptions? training = null) =>
        new LogisticRegressionTrainer(options ?? new LogisticRegressionHead { L2Regularization = 1 }, training ?? new TrainingOptions(), seed: 1).Fit(texts, null, null);

    private static EmbeddedTexts Of(EmbeddedTexts texts, int[] rows) =>
        texts with { Values = [.. rows.SelectMany(row => texts[row].ToArray())], Texts = new EncodedTexts(null!, [.. rows.Select(row => texts.Texts.Labels[row])]) };

    private static EncodedTexts Encoded(int[] labels) => new(new TextBatches([.. labels.Select(_ => new Tokenization.Encoding([1], [0]))], null!), labels);

    private static void AssertSame(LinearHead expected, LinearHead found, float[] embeddings)
    {
        foreach ((float x, float y) in expected.Score(embeddings).Zip(found.Score(embeddings)))
            Assert.AreEqual(x, y, 2e-2);
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
