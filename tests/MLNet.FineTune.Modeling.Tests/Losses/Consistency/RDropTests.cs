using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses.Consistency;

[TestClass]
public sealed class RDropTests
{
    private static readonly double[,] First = { { 1.5, -0.5, 0.25 }, { 0, 2, -1 }, { -0.3, 0.1, 0.9 } };
    private static readonly double[,] Second = { { 1.1, 0.5, 0.2 }, { 0.7, 1, -1.5 }, { -0.4, 0.3, 0.4 } };
    private static readonly int[] Labels = [0, 2, 1];
    private static readonly int[][] Sets = [[0, 2], [], [1]];
    private static readonly int[] Rows = [2, 0, 1];

    /// <summary>Each with the loss written out in doubles.</summary>
    public static IEnumerable<object?[]> Cases =>
    [
        [0.0, null, null], [0.2, null, null], [0.0, new[] { 0.5f, 2f, 1f }, null], [0.1, null, new[] { 1f, 3f, 0.5f }], [0.1, new[] { 0.5f, 2f, 1f }, new[] { 1f, 0f, 3f }],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TheLossAndItsGradientAreThoseOfTheFormula(double smoothing, float[]? classWeights, float[]? rowWeights)
    {
        const double weight = 0.7;
        double Formula(double[,] a, double[,] b)
        {
            double divergence = 0, total = 0;
            foreach (int row in Rows)
            {
                double[] p = Softmax(a, row), q = Softmax(b, row);
                double w = rowWeights?[row] ?? 1;
                divergence += w * 0.5 * (Divergence(p, q) + Divergence(q, p));
                total += w;
            }
            return 0.5 * (CrossEntropy(a) + CrossEntropy(b)) + weight * divergence / total;
        }

        double CrossEntropy(double[,] logits)
        {
            double sum = 0, total = 0;
            foreach (int row in Rows)
            {
                double[] p = Softmax(logits, row);
                double w = rowWeights?[row] ?? 1;
                double c(int label) => classWeights?[label] ?? 1;
                sum += w * ((1 - smoothing) * c(Labels[row]) * -Math.Log(p[Labels[row]]) + smoothing / 3 * Enumerable.Range(0, 3).Sum(label => c(label) * -Math.Log(p[label])));
                total += w * c(Labels[row]);
            }
            return sum / total;
        }

        using var loss = new SoftmaxCrossEntropy(smoothing, classWeights);
        AgreesWith(Formula, logits => new ClassificationObjective(logits, Labels, loss, rowWeights, consistency: new RDropTraining(weight)));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(new[] { 1f, 3f, 0.5f })]
    public void WithSeveralLabelsEachIsADistributionOfItsOwn(float[]? rowWeights)
    {
        double Formula(double[,] a, double[,] b)
        {
            double sum = 0, total = 0;
            foreach (int row in Rows)
            {
                double w = rowWeights?[row] ?? 1;
                for (int label = 0; label < 3; label++)
                {
                    double p = 1 / (1 + Math.Exp(-a[row, label])), q = 1 / (1 + Math.Exp(-b[row, label]));
                    bool has = Sets[row].Contains(label);
                    double supervised = -0.5 * (Math.Log(has ? p : 1 - p) + Math.Log(has ? q : 1 - q));
                    sum += w / 3 * (supervised + 2 * 0.5 * (Divergence([p, 1 - p], [q, 1 - q]) + Divergence([q, 1 - q], [p, 1 - p])));
                }
                total += w;
            }
            return sum / total;
        }

        AgreesWith(Formula, logits => new LabelSetObjective(logits, Sets, 3, rowWeights, consistency: new RDropTraining(2)));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(new[] { 1f, 3f, 0.5f })]
    public void OfNumbersItIsTheSquaredDifference(float[]? rowWeights)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] targets = [10, 14, 20];
        Tensor[] passes = [tensor(new[] { 0.1f, 0.4f, -0.3f }).unsqueeze(1), tensor(new[] { 0.3f, 0.5f, -0.9f }).unsqueeze(1)];
        int pass = 0;
        var scale = new TargetScale(12, 4);
        var objective = new RegressionObjective(_ => passes[pass++], targets, scale, rowWeights, consistency: new RDropTraining(0.6));
        double sum = 0, total = 0;
        for (int i = 0; i < 3; i++)
        {
            (double a, double b, double target) = (passes[0][i, 0].item<float>(), passes[1][i, 0].item<float>(), (targets[Rows[i]] - 12) / 4);
            double w = rowWeights?[Rows[i]] ?? 1;
            sum += w * (0.5 * ((a - target) * (a - target) + (b - target) * (b - target)) + 0.6 * (a - b) * (a - b));
            total += w;
        }
        Assert.AreEqual(sum / total, objective.Loss(Rows).item<float>(), 1e-5);
    }

    [TestMethod]
    public void WithoutDropoutThereIsNothingToLearnAndThatIsSaid()
    {
        FineTuneTask task = TinyTexts.Task(encoder: TinyTexts.Scratch(dropout: 0)) with { Consistency = new RDrop() };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(task)).Message, "RDrop needs dropout");
        FineTuner.Fit(task with { Peft = new Lora { Dropout = 0.1f } }).Dispose();
    }

    private static void AgreesWith(Func<double[,], double[,], double> formula, Func<Func<int[], Tensor>, LabelObjective> objective)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] passes = [Leaf(First), Leaf(Second)];
        int pass = 0;
        Tensor found = objective(rows => passes[pass++].index_select(0, tensor([.. rows.Select(row => (long)row)]))).Loss(Rows);
        Assert.AreEqual(2, pass);
        Assert.AreEqual(formula(First, Second), found.item<float>(), 1e-5);

        found.backward();
        const double h = 1e-4;
        for (int row = 0; row < 3; row++)
            for (int column = 0; column < 3; column++)
            {
                double Along(double[,] moved, Func<double[,], double> loss)
                {
                    double[,] Moved(double by) { var copy = (double[,])moved.Clone(); copy[row, column] += by; return copy; }
                    return (loss(Moved(h)) - loss(Moved(-h))) / (2 * h);
                }
                Assert.AreEqual(Along(First, a => formula(a, Second)), passes[0].grad![row, column].item<float>(), 1e-5);
                Assert.AreEqual(Along(Second, b => formula(First, b)), passes[1].grad![row, column].item<float>(), 1e-5);
            }
    }

    private static Tensor Leaf(double[,] values) => tensor(values, dtype: ScalarType.Float32).requires_grad_();

    private static double[] Softmax(double[,] logits, int row)
    {
        double total = Enumerable.Range(0, 3).Sum(c => Math.Exp(logits[row, c]));
        return [.. Enumerable.Range(0, 3).Select(c => Math.Exp(logits[row, c]) / total)];
    }

    private static double Divergence(double[] p, double[] q) => p.Zip(q).Sum(x => x.First * Math.Log(x.First / x.Second));
}
