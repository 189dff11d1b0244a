using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>The head that regression starts from.</summary>
[TestClass]
public sealed class RidgeRegressionTests
{
    private const int Width = 8;

    private static readonly double[] Penalties = [.. Enumerable.Range(-6, 13).Select(power => Math.Pow(10, power / 2.0))];

    /// <summary>The penalty is that with which rows are predicted best from all others, found by fitting each time anew, and the head the solution of the normal equations with it.</summary>
    [TestMethod]
    [DataRow(30, 0.1, false)]
    [DataRow(30, 2.0, false)]
    [DataRow(30, 2.0, true)]
    [DataRow(6, 0.5, false)]
    [DataRow(6, 0.5, true)]
    public void The_head_is_the_best_ridge_regression_by_leaving_one_out(int rows, double noise, bool weighted)
    {
        EmbeddedTexts texts = Texts(rows, noise, weighted);
        var scale = new TargetScale(3, 2);
        double[][] x = [.. Enumerable.Range(0, rows).Select(row => Array.ConvertAll(new Standardization(texts).Apply(texts[row]), value => (double)value))];
        double[] y = [.. texts.Texts.Targets!.Select(target => (double)scale.Scaled(target))], w = [.. texts.Texts.Weights?.Select(weight => (double)weight) ?? Enumerable.Repeat(1.0, rows)];

        double Error(double penalty) => Enumerable.Range(0, rows).Sum(left =>
        {
            int[] others = [.. Enumerable.Range(0, rows).Where(row => row != left)];
            double[] fit = Solve([.. others.Select(row => x[row])], [.. others.Select(row => y[row])], [.. others.Select(row => w[row])], penalty * w.Sum());
            double error = y[left] - Predict(fit, x[left]);
            return w[left] * error * error;
        });
        double best = Penalties.MinBy(Error);
        double[] expected = Solve(x, y, w, best * w.Sum());
        float[] found = new RidgeRegressionTrainer(scale).Fit(texts, null, null).Score(texts.Values);
        for (int row = 0; row < rows; row++)
            Assert.AreEqual(Predict(expected, x[row]), found[row], 1e-4);
    }

    [TestMethod]
    public void Rows_of_weight_zero_are_not_there()
    {
        EmbeddedTexts texts = Texts(20, 0.5, weighted: false);
        int[] kept = [.. Enumerable.Range(0, 20).Where(row => row % 3 != 0)];
        float[] with = Fit(texts with { Texts = texts.Texts with { Weights = [.. Enumerable.Range(0, 20).Select(row => row % 3 == 0 ? 0f : 1)] } });
        float[] without = Fit(new EmbeddedTexts([.. kept.SelectMany(row => texts[row].ToArray())], Width, new EncodedTexts(null!, new int[kept.Length], Targets: [.. kept.Select(row => texts.Texts.Targets![row])]), 1));
        for (int i = 0; i < with.Length; i++)
            Assert.AreEqual(without[i], with[i], 1e-5);

        float[] Fit(EmbeddedTexts some) => new RidgeRegressionTrainer(new TargetScale(0, 1)).Fit(some, null, null).Score(texts.Values);
    }

    [TestMethod]
    public void Memory_stays_flat()
    {
        EmbeddedTexts texts = Texts(20, 0.5, weighted: true);
        long before = Tensor.TotalCount;
        new RidgeRegressionTrainer(new TargetScale(0, 1)).Fit(texts, null, null);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    /// <summary>Weights and intercept of what minimises Σ w (y − x·b − a)² + λ ‖b‖².</summary>
    private static double[] Solve(double[][] x, double[] y, double[] w, double penalty)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor design = tensor([.. x.SelectMany(row => row.Append(1))], [x.Length, Width + 1]);
        Tensor weights = tensor(w).unsqueeze(1), ridge = diag(tensor([.. Enumerable.Repeat(penalty, Width), 0.0]));
        return [.. linalg.solve(design.t().mm(weights * design) + ridge, design.t().mm(weights * tensor(y).unsqueeze(1))).data<double>()];
    }

    private static double Predict(double[] fit, double[] x) => x.Zip(fit).Sum(pair => pair.First * pair.Second) + fit[Width];

    private static EmbeddedTexts Texts(int rows, double noise, bool weighted)
    {
        var random = new Random(rows);
        float[] values = [.. Enumerable.Range(0, rows * Width).Select(i => random.NextSingle() * (1 + i % Width) + 2)];
        float[] targets = [.. Enumerable.Range(0, rows).Select(row => (float)(values[row * Width] - (0.5 * values[row * Width + 3]) + (noise * (random.NextDouble() - 0.5)) + 4))];
        float[]? weights = weighted ? [.. Enumerable.Range(0, rows).Select(row => 0.5f + row % 3)] : null;
        return new EmbeddedTexts(values, Width, new EncodedTexts(null!, new int[rows], weights, Targets: targets), 1);
    }
}
