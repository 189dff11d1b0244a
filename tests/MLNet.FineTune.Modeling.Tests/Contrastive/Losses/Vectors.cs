namespace MLNet.FineTune.Tests.Contrastive.Losses;

/// <summary>Distances as plain loops.</summary>
internal static class Vectors
{
    public static double Cosine(double[] a, double[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

    public static double Distance(double[] a, double[] b, EmbeddingDistance distance) =>
        distance == EmbeddingDistance.Cosine ? 1 - Cosine(a, b) : Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
