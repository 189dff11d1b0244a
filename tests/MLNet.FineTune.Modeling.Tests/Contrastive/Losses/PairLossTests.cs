using MLNet.FineTune.Contrastive;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class PairLossTests
{
    [TestMethod]
    public void CosineSimilarity()
    {
        foreach (EmbeddingPairs pairs in EmbeddingPairs.All())
            LossAssert.IsClosedForm(new CosineSimilarityLoss(), pairs, rows => Mean(pairs, pair => Math.Pow(Cosine(rows, pair) - pairs.Alike[pair], 2)));
    }

    [TestMethod]
    public void SimilarityDistillation()
    {
        foreach (EmbeddingPairs pairs in EmbeddingPairs.All())
        {
            EmbeddingPairs taught = pairs with { Alike = [.. pairs.Alike.Select((alike, i) => 0.8f * alike - 0.1f * i)] };
            LossAssert.IsClosedForm("distillation", SimilarityDistillationLoss.Compute, taught, rows => Mean(taught, pair => Math.Pow(Cosine(rows, pair) - taught.Alike[pair], 2)));
        }
    }

    [TestMethod]
    [DataRow(0.5f, EmbeddingDistance.Cosine)]
    [DataRow(1.2f, EmbeddingDistance.Cosine)]
    [DataRow(1.7f, EmbeddingDistance.Euclidean)]
    public void MarginContrastive(float margin, EmbeddingDistance distance)
    {
        foreach (EmbeddingPairs pairs in EmbeddingPairs.All())
            LossAssert.IsClosedForm(new MarginContrastiveLoss { Margin = margin, Distance = distance }, pairs, rows => Mean(pairs, pair =>
            {
                double d = Distance(rows, pair, distance);
                return (pairs.Alike[pair] == 1 ? d * d : Math.Pow(Math.Max(0, margin - d), 2)) / 2;
            }));
    }

    [TestMethod]
    [DataRow(0.5f, EmbeddingDistance.Cosine)]
    [DataRow(1.2f, EmbeddingDistance.Cosine)]
    [DataRow(1.7f, EmbeddingDistance.Euclidean)]
    public void OnlineContrastive(float margin, EmbeddingDistance distance)
    {
        foreach (EmbeddingPairs pairs in EmbeddingPairs.All())
            LossAssert.IsClosedForm(new OnlineContrastiveLoss { Margin = margin, Distance = distance }, pairs, rows =>
            {
                double weight(int pair) => pairs.Weights?[pair] ?? 1;
                double d(int pair) => Distance(rows, pair, distance);
                int[] present = [.. Enumerable.Range(0, pairs.Count).Where(pair => weight(pair) > 0)];
                int[] like = [.. present.Where(pair => pairs.Alike[pair] == 1)], unlike = [.. present.Except(like)];
                double mean(int[] kind) => kind.Sum(pair => weight(pair) * d(pair)) / kind.Sum(weight);
                double sum = 0;
                foreach (int pair in like)
                    if (d(pair) > (unlike.Length > 1 ? unlike.Min(d) : mean(like)) + 1e-12)
                        sum += weight(pair) * d(pair) * d(pair);
                foreach (int pair in unlike)
                    if (d(pair) < (like.Length > 1 ? like.Max(d) : mean(unlike)) - 1e-12)
                        sum += weight(pair) * Math.Pow(Math.Max(0, margin - d(pair)), 2);
                return present.Length == 0 ? 0 : sum / present.Sum(weight);
            });
    }

    [TestMethod]
    [DataRow("cosine")]
    [DataRow("contrastive")]
    [DataRow("online-contrastive(distance=euclidean)")]
    public void AWeightCountsAsOftenAsAPairIsThere(string text)
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = (PairLoss)EmbeddingLoss.Parse(text);
        EmbeddingPairs pairs = EmbeddingPairs.All().First();
        Tensor first = EmbeddingBatch.Tensor(pairs.Rows[..pairs.Count]), second = EmbeddingBatch.Tensor(pairs.Rows[pairs.Count..]), alike = tensor(pairs.Alike);
        Tensor rows = tensor([0L, 0L, 2L, 3L, 4L, 4L, 4L, 5L, 6L, 7L]); // without pair 1

        Tensor weighted = loss.Compute(first, second, alike, tensor([2f, 0f, 1f, 1f, 3f, 1f, 1f, 1f]));
        Tensor repeated = loss.Compute(first.index_select(0, rows), second.index_select(0, rows), alike.index_select(0, rows), null);

        Assert.AreEqual(repeated.item<float>(), weighted.item<float>(), 1e-6f);
    }

    private static double Mean(EmbeddingPairs pairs, Func<int, double> loss)
    {
        double sum = 0, total = 0;
        for (int pair = 0; pair < pairs.Count; pair++)
        {
            double weight = pairs.Weights?[pair] ?? 1;
            sum += weight * loss(pair);
            total += weight;
        }
        return total == 0 ? 0 : sum / total;
    }

    private static double Cosine(double[][] rows, int pair) => Vectors.Cosine(rows[pair], rows[pair + rows.Length / 2]);

    private static double Distance(double[][] rows, int pair, EmbeddingDistance distance) => Vectors.Distance(rows[pair], rows[pair + rows.Length / 2], distance);
}
