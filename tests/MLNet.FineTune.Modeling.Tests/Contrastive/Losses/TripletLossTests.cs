namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class TripletLossTests
{
    [TestMethod]
    [DataRow(5f, EmbeddingDistance.Euclidean)]
    [DataRow(0.5f, EmbeddingDistance.Euclidean)]
    [DataRow(0.3f, EmbeddingDistance.Cosine)]
    [DataRow(null, EmbeddingDistance.Euclidean)]
    [DataRow(null, EmbeddingDistance.Cosine)]
    public void AllTriplets(float? margin, EmbeddingDistance distance) => Check(TripletMining.BatchAll, margin, distance, (rows, alike, loss) =>
    {
        var losses = new List<double>();
        foreach (var (anchor, like) in LikePairs(alike))
            for (int unlike = 0; unlike < rows.Length; unlike++)
                if (!alike[anchor, unlike])
                    losses.Add(loss(anchor, like, unlike));
        return losses.Where(value => value > 0).DefaultIfEmpty(0).Average();
    });

    [TestMethod]
    [DataRow(5f, EmbeddingDistance.Euclidean)]
    [DataRow(0.2f, EmbeddingDistance.Euclidean)]
    [DataRow(0.3f, EmbeddingDistance.Cosine)]
    [DataRow(null, EmbeddingDistance.Euclidean)]
    [DataRow(null, EmbeddingDistance.Cosine)]
    public void HardestTriplets(float? margin, EmbeddingDistance distance) => Check(TripletMining.BatchHard, margin, distance, (rows, alike, loss) =>
    {
        // The loss rises with the distance of the like text and falls with that of the unlike one: the hardest triplet is the one that costs most.
        var losses = new List<double>();
        for (int anchor = 0; anchor < rows.Length; anchor++)
        {
            int[] like = [.. LikePairs(alike).Where(pair => pair.Anchor == anchor).Select(pair => pair.Like)];
            int[] unlike = [.. Enumerable.Range(0, rows.Length).Where(j => !alike[anchor, j])];
            if (like.Length > 0 && unlike.Length > 0)
                losses.Add(like.SelectMany(p => unlike.Select(n => loss(anchor, p, n))).Max());
        }
        return losses.DefaultIfEmpty(0).Average();
    });

    [TestMethod]
    [DataRow(5f, EmbeddingDistance.Euclidean)]
    [DataRow(0.2f, EmbeddingDistance.Euclidean)]
    [DataRow(0.3f, EmbeddingDistance.Cosine)]
    [DataRow(null, EmbeddingDistance.Euclidean)]
    public void SemiHardTriplets(float? margin, EmbeddingDistance distance) => Check(TripletMining.BatchSemiHard, margin, distance, (rows, alike, loss) =>
    {
        var losses = new List<double>();
        foreach (var (anchor, like) in LikePairs(alike))
        {
            double d(int text) => Vectors.Distance(rows[anchor], rows[text], distance);
            int[] unlike = [.. Enumerable.Range(0, rows.Length).Where(j => !alike[anchor, j]).OrderBy(d)];
            if (unlike.Length > 0)
                losses.Add(loss(anchor, like, unlike.Any(j => d(j) > d(like)) ? unlike.First(j => d(j) > d(like)) : unlike[^1]));
        }
        return losses.DefaultIfEmpty(0).Average();
    });

    private static void Check(TripletMining mining, float? margin, EmbeddingDistance distance, Func<double[][], bool[,], Func<int, int, int, double>, double> mined)
    {
        foreach (EmbeddingBatch batch in EmbeddingBatch.All())
            LossAssert.IsClosedForm(new TripletLoss { Mining = mining, Margin = margin, Distance = distance }, batch, rows => mined(rows, batch.Alike, (anchor, like, unlike) =>
            {
                double excess = Vectors.Distance(rows[anchor], rows[like], distance) - Vectors.Distance(rows[anchor], rows[unlike], distance);
                return margin is { } m ? Math.Max(0, excess + m) : Math.Log(1 + Math.Exp(excess));
            }));
    }

    private static IEnumerable<(int Anchor, int Like)> LikePairs(bool[,] alike)
    {
        for (int i = 0; i < alike.GetLength(0); i++)
            for (int j = 0; j < alike.GetLength(0); j++)
                if (i != j && alike[i, j])
                    yield return (i, j);
    }
}
