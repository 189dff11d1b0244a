using MLNet.FineTune.Pretraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class InBatchContrastTests
{
    private const int Width = 3;

    private static double[][] Draw(int seed, int rows)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, Width).Select(_ => random.NextDouble() * 2 - 1).ToArray())];
    }

    private static Tensor Put(double[][] rows) => tensor([.. rows.SelectMany(row => row)], rows.Length, Width);

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b).Sum(pair => pair.First * pair.Second) / Math.Sqrt(a.Sum(value => value * value) * b.Sum(value => value * value));

    /// <summary>The mean of both directions' negative log-probabilities, by the definition.</summary>
    private static double Closed(double[][] anchors, double[][] positives, double temperature, Func<int, int, bool> alike)
    {
        double sum = 0;
        for (int i = 0; i < anchors.Length; i++)
        {
            double right = Math.Exp(Cosine(anchors[i], positives[i]) / temperature), byAnchor = right, byPositive = right;
            for (int j = 0; j < anchors.Length; j++)
            {
                if (j != i && !alike(i, j))
                    byAnchor += Math.Exp(Cosine(anchors[i], positives[j]) / temperature);
                if (j != i && !alike(j, i))
                    byPositive += Math.Exp(Cosine(anchors[j], positives[i]) / temperature);
            }
            sum -= Math.Log(right / byAnchor) + Math.Log(right / byPositive);
        }
        return sum / (2 * anchors.Length);
    }

    [TestMethod]
    [DataRow(0.05)]
    [DataRow(0.5)]
    public void Equals_the_definition(double temperature)
    {
        using var scope = NewDisposeScope();
        double[][] anchors = Draw(1, 5), positives = Draw(2, 5);
        Assert.AreEqual(Closed(anchors, positives, temperature, (_, _) => false), InBatchContrast.Loss(Put(anchors), Put(positives), temperature).item<double>(), 1e-9);
    }

    [TestMethod]
    public void Texts_that_occur_twice_are_no_negatives_of_each_other()
    {
        // Anchors 0 and 2 are one text, positives 1 and 3 another, and anchor 4 is the text of positive 0.
        int[][] anchors = [[1, 2], [3], [1, 2], [4], [9, 9]], positives = [[9, 9], [6], [7], [6], [8]];
        bool[,] alike = InBatchContrast.Alike(anchors, positives)!;
        (int, int)[] expected = [(0, 2), (2, 0), (1, 3), (3, 1), (4, 0)];
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 5; j++)
                Assert.AreEqual(expected.Contains((i, j)), alike[i, j], $"anchor {i}, positive {j}");
        Assert.IsNull(InBatchContrast.Alike([[1], [2]], [[1], [2]]), "a text and itself under other dropout");
        Assert.IsNull(InBatchContrast.Alike([[1], [2]], [[1, 2], [2, 1]]));

        using var scope = NewDisposeScope();
        double[][] a = Draw(3, 5), p = Draw(4, 5);
        Assert.AreEqual(Closed(a, p, 0.05, (i, j) => expected.Contains((i, j))), InBatchContrast.Loss(Put(a), Put(p), 0.05, tensor(alike)).item<double>(), 1e-9);
    }

    [TestMethod]
    public void The_gradient_equals_finite_differences_with_masked_pairs()
    {
        using var scope = NewDisposeScope();
        double[][] anchors = Draw(5, 4), positives = Draw(6, 4);
        bool[,] alike = new bool[4, 4];
        alike[0, 2] = true;
        Tensor x = Put(anchors).requires_grad_();
        InBatchContrast.Loss(x, Put(positives), 0.1, tensor(alike)).backward();
        double[] gradient = [.. x.grad!.data<double>()];
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < Width; k++)
            {
                double At(double step)
                {
                    double[][] moved = [.. anchors.Select(row => (double[])row.Clone())];
                    moved[i][k] += step;
                    return Closed(moved, positives, 0.1, (a, b) => alike[a, b]);
                }
                Assert.AreEqual((At(1e-5) - At(-1e-5)) / 2e-5, gradient[i * Width + k], 1e-6);
            }
    }

    [TestMethod]
    public void Nothing_but_itself_to_choose_from_gives_zero_and_finite_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor one = Put(Draw(7, 1)).requires_grad_();
        Tensor loss = InBatchContrast.Loss(one, Put(Draw(8, 1)), 0.05);
        loss.backward();
        Assert.AreEqual(0, loss.item<double>(), 1e-12);
        Assert.IsTrue(one.grad!.isfinite().all().item<bool>());

        // All rows are the same text, and one embedding is the zero vector.
        Tensor two = Put([[0, 0, 0], [1, 2, 3]]).requires_grad_();
        loss = InBatchContrast.Loss(two, Put(Draw(9, 2)), 0.05, tensor(InBatchContrast.Alike([[1], [1]], [[2], [3]])!));
        loss.backward();
        Assert.AreEqual(0, loss.item<double>(), 1e-12);
        Assert.IsTrue(two.grad!.isfinite().all().item<bool>());
    }
}
