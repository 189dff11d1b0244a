using MLNet.FineTune.Contrastive;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive.Losses;

/// <summary>Compares losses with closed forms in double precision: values, and gradients with central differences of the closed form.</summary>
internal static class LossAssert
{
    private const double Step = 1e-6;

    public static void IsClosedForm(BatchLoss loss, EmbeddingBatch batch, Func<double[][], double> closedForm) =>
        Check(loss.Format(), batch.Rows, closedForm, rows => loss.Compute(rows, tensor(batch.Alike)));

    public static void IsClosedForm(PairLoss loss, EmbeddingPairs pairs, Func<double[][], double> closedForm) =>
        IsClosedForm(loss.Format(), (first, second, alike, weights) => loss.Compute(first, second, alike, weights), pairs, closedForm);

    public static void IsClosedForm(string name, Func<Tensor, Tensor, Tensor, Tensor?, Tensor> loss, EmbeddingPairs pairs, Func<double[][], double> closedForm) =>
        Check(name, pairs.Rows, closedForm, rows => loss(
            rows.narrow(0, 0, pairs.Count), rows.narrow(0, pairs.Count, pairs.Count), tensor(pairs.Alike), pairs.Weights is { } weights ? tensor(weights) : null));

    private static void Check(string name, double[][] rows, Func<double[][], double> closedForm, Func<Tensor, Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = EmbeddingBatch.Tensor(rows), found = loss(embeddings);
        double expected = closedForm(rows);
        Assert.AreEqual(ScalarType.Float32, found.dtype, name);
        Assert.AreEqual(expected, found.item<float>(), 2e-5 * (1 + Math.Abs(expected)), name);

        found.backward();
        float[] gradient = embeddings.grad!.data<float>().ToArray();
        double[] numeric = Numeric(closedForm, rows);
        for (int i = 0; i < numeric.Length; i++)
            Assert.AreEqual(numeric[i], gradient[i], 1e-4 * (1 + Math.Abs(numeric[i])), $"{name}, gradient of number {i}");
    }

    private static double[] Numeric(Func<double[][], double> loss, double[][] rows)
    {
        double[][] moved = [.. rows.Select(row => row.ToArray())];
        return [.. moved.SelectMany(row => Enumerable.Range(0, row.Length).Select(i =>
        {
            double at = row[i];
            row[i] = at + Step;
            double above = loss(moved);
            row[i] = at - Step;
            double below = loss(moved);
            row[i] = at;
            return (above - below) / (2 * Step);
        }))];
    }
}
