using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class DegenerateBatchTests
{
    private static readonly string[] PairLosses =
    [
        "cosine", "contrastive", "contrastive(distance=euclidean, margin=3)", "online-contrastive", "online-contrastive(distance=euclidean, margin=3)",
    ];

    private static readonly string[] BatchLosses =
    [
        .. from mining in new[] { "batch-all", "batch-hard", "batch-semi-hard" } from margin in new[] { "0.5", "null" } from distance in new[] { "euclidean", "cosine" }
           select $"triplet(mining={mining}, margin={margin}, distance={distance})",
        "supervised-contrastive", "supervised-contrastive(temperature=0.001)", "multiple-negatives-ranking", "multiple-negatives-ranking(scale=1000)",
    ];

    public static IEnumerable<object[]> OfPairs => PairLosses.Select(text => new object[] { text });

    public static IEnumerable<object[]> OfBatches => BatchLosses.Select(text => new object[] { text });

    [TestMethod]
    [DynamicData(nameof(OfPairs))]
    public void PairsOfAnyKindHaveFiniteLosses(string text)
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = (PairLoss)EmbeddingLoss.Parse(text);
        foreach ((string name, double[][] rows) in Embeddings(4))
            foreach (float[] alike in new float[][] { [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1] })
                foreach (float[]? weights in new float[]?[] { null, [1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0] })
                {
                    Tensor first = EmbeddingBatch.Tensor(rows), second = EmbeddingBatch.Tensor(rows);
                    Tensor value = loss.Compute(first, second, tensor(alike), weights is null ? null : tensor(weights));
                    value.backward();
                    string message = $"{name}, alike {string.Join(' ', alike)}, weights {string.Join(' ', weights ?? [])}";
                    Assert.IsTrue(float.IsFinite(value.item<float>()) && IsFinite(first.grad!) && IsFinite(second.grad!), message);
                    if (weights?.Sum() == 0)
                        AssertZero(value, first, message);
                }
    }

    [TestMethod]
    [DynamicData(nameof(OfBatches))]
    public void BatchesOfAnyKindHaveFiniteLosses(string text)
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = (BatchLoss)EmbeddingLoss.Parse(text);
        foreach (int[][] classes in new int[][][] { [[0]], [[0], [0]], [[0], [1]], [[0], [0], [0], [0]], [[0], [1], [2], [3]], [[0], [1], [0], [1]], [[0], [0], [0], [1]] })
            foreach ((string name, double[][] rows) in Embeddings(classes.Length))
            {
                Tensor embeddings = EmbeddingBatch.Tensor(rows), value = loss.Compute(embeddings, tensor(EmbeddingBatch.AlikeOf(classes)));
                value.backward();
                string message = $"{name}, classes {string.Join(' ', classes.Select(of => of[0]))}";
                Assert.IsTrue(float.IsFinite(value.item<float>()) && IsFinite(embeddings.grad!), message);
                int count = classes.Select(of => of[0]).Distinct().Count();
                if (count == classes.Length || (count == 1 && loss is not SupervisedContrastiveLoss))
                    AssertZero(value, embeddings, message);
            }
    }

    [TestMethod]
    public void EqualEmbeddingsCostWhatTheMarginSays()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = Embeddings(4).Single(batch => batch.Name == "equal").Rows;
        Tensor alike = tensor(EmbeddingBatch.AlikeOf([[0], [0], [1], [1]]));
        foreach (string mining in new[] { "batch-all", "batch-hard", "batch-semi-hard" })
        {
            Assert.AreEqual(0.5f, Compute($"triplet(mining={mining}, margin=0.5)"), mining);
            Assert.AreEqual(MathF.Log(2), Compute($"triplet(mining={mining}, margin=null)"), 1e-6f, mining);
        }
        Assert.AreEqual(MathF.Log(3), Compute("supervised-contrastive"), 1e-5f);
        Assert.AreEqual(MathF.Log(3), Compute("multiple-negatives-ranking"), 1e-5f);

        float Compute(string text) => ((BatchLoss)EmbeddingLoss.Parse(text)).Compute(EmbeddingBatch.Tensor(rows), alike).item<float>();
    }

    private static IEnumerable<(string Name, double[][] Rows)> Embeddings(int count)
    {
        var random = new Random(7);
        double[] one = EmbeddingBatch.Row(random);
        yield return ("random", [.. Enumerable.Range(0, count).Select(_ => EmbeddingBatch.Row(random))]);
        yield return ("equal", [.. Enumerable.Repeat(one, count)]);
        yield return ("opposite", [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? one : [.. one.Select(value => -value)])]);
        yield return ("zero", [.. Enumerable.Repeat(new double[5], count)]);
        yield return ("large", [.. Enumerable.Range(0, count).Select(_ => EmbeddingBatch.Row(random).Select(value => 1e6 * value).ToArray())]);
    }

    private static bool IsFinite(Tensor values) => values.isfinite().all().item<bool>();

    private static void AssertZero(Tensor value, Tensor embeddings, string message)
    {
        Assert.AreEqual(0, value.item<float>(), message);
        Assert.AreEqual(0, embeddings.grad!.abs().max().item<float>(), message);
    }
}
