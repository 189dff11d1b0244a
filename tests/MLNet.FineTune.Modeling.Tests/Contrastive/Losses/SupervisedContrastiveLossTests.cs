namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class SupervisedContrastiveLossTests
{
    [TestMethod]
    [DataRow(0.07f)]
    [DataRow(1f)]
    public void ClosedForm(float temperature)
    {
        foreach (EmbeddingBatch batch in EmbeddingBatch.All())
            LossAssert.IsClosedForm(new SupervisedContrastiveLoss { Temperature = temperature }, batch, rows =>
            {
                double sum = 0;
                int anchors = 0;
                for (int i = 0; i < rows.Length; i++)
                {
                    int[] others = [.. Enumerable.Range(0, rows.Length).Where(j => j != i)], like = [.. others.Where(j => batch.Alike[i, j])];
                    if (like.Length == 0)
                        continue;
                    double exp(int j) => Math.Exp(Vectors.Cosine(rows[i], rows[j]) / temperature);
                    double all = others.Sum(exp);
                    sum -= like.Sum(j => Math.Log(exp(j) / all)) / like.Length;
                    anchors++;
                }
                return sum / anchors;
            });
    }
}
