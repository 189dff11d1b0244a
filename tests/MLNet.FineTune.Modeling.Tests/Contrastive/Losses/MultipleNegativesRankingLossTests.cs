namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class MultipleNegativesRankingLossTests
{
    [TestMethod]
    [DataRow(20f)]
    [DataRow(1f)]
    public void ClosedForm(float scale)
    {
        foreach (EmbeddingBatch batch in EmbeddingBatch.All())
            LossAssert.IsClosedForm(new MultipleNegativesRankingLoss { Scale = scale }, batch, rows =>
            {
                double sum = 0;
                int anchors = 0, n = rows.Length;
                for (int i = 0; i < n; i++)
                {
                    double exp(int j) => Math.Exp(scale * Vectors.Cosine(rows[i], rows[j]));
                    int positive = Enumerable.Range(i + 1, n - 1).Select(j => j % n).FirstOrDefault(j => batch.Alike[i, j], -1);
                    if (positive < 0)
                        continue;
                    double others = Enumerable.Range(0, n).Where(j => !batch.Alike[i, j]).Sum(exp);
                    sum -= Math.Log(exp(positive) / (exp(positive) + others));
                    anchors++;
                }
                return sum / anchors;
            });
    }
}
