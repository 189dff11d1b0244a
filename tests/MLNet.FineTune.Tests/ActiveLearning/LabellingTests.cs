using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.ActiveLearning;

[TestClass]
public sealed class LabellingTests
{
    private static readonly MLContext Ml = new(7);

    private static Lazy<ITransformer> Model { get; } = new(() => Tiny.FitChain(Ml, Tiny.Options(encoder: Tiny.Encoder(dropout: 0.2)), rows: 60));

    /// <summary>Without the column of labels that the chain maps to keys.</summary>
    private static IDataView Pool { get; } = Ml.Data.LoadFromEnumerable(Rows.Make(50, seed: 4).Select(row => new { Text = row.Text ?? "" }));

    [TestMethod]
    public void Uncertainties_are_those_of_the_scores()
    {
        float[][] scores = Tiny.Scores(Model.Value, Ml.Data.LoadFromEnumerable(Rows.Make(50, seed: 4)));
        UncertaintyReport report = Ml.FineTuning().DescribeUncertainty(Model.Value, Pool);
        Assert.HasCount(50, report.Rows);
        for (int i = 0; i < 50; i++)
        {
            float[] sorted = [.. scores[i].OrderDescending()];
            Assert.AreEqual(-scores[i].Sum(p => p * Math.Log(p)) / Math.Log(3), report.Rows[i].Entropy, 1e-4);
            Assert.AreEqual(1 - (sorted[0] - sorted[1]), report.Rows[i].Margin, 1e-5);
            Assert.AreEqual(1 - sorted[0], report.Rows[i].LeastConfidence, 1e-5);
            Assert.AreEqual(Array.IndexOf(scores[i], sorted[0]), report.Rows[i].Predicted);
        }
        Assert.AreEqual(report.Rows.Average(row => row.Entropy), report.Mean.Entropy, 1e-12);
        string table = report.ToTable();
        foreach (string part in Rows.Intents.Append("All: median"))
            StringAssert.Contains(table, part);
    }

    [TestMethod]
    public void Predictions_under_dropout_disagree_more_where_the_model_is_unsure()
    {
        const int Passes = 8;
        UncertaintyReport report = Ml.FineTuning().DescribeUncertainty(Model.Value, Pool, Passes, seed: 3);
        double[] shares = [.. report.Rows.Select(row => row.Disagreement!.Value)];
        Assert.IsTrue(shares.All(share => share is >= 0 and <= 2 / 3.0 && share * Passes == Math.Round(share * Passes)));
        RowUncertainty[] rows = [.. report.Rows.OrderBy(row => row.Margin)];
        Assert.IsGreaterThan(rows[..25].Average(row => row.Disagreement!.Value), rows[25..].Average(row => row.Disagreement!.Value));
        Assert.AreEqual(shares.Average(), report.Mean.Disagreement!.Value, 1e-12);
        StringAssert.Contains(report.ToTable(), "Disagreement");
        CollectionAssert.AreEqual(report.Rows.ToArray(), Ml.FineTuning().DescribeUncertainty(Model.Value, Pool, Passes, seed: 3).Rows.ToArray());
        UncertaintyReport plain = Ml.FineTuning().DescribeUncertainty(Model.Value, Pool);
        Assert.IsTrue(plain.Rows.All(row => row.Disagreement is null) && plain.Mean.Disagreement is null);
        Assert.IsFalse(plain.ToTable().Contains("Disagreement", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow(LabellingStrategy.Entropy)]
    [DataRow(LabellingStrategy.Margin)]
    [DataRow(LabellingStrategy.LeastConfidence)]
    public void The_least_certain_come_first(LabellingStrategy strategy)
    {
        IReadOnlyList<LabellingCandidate> chosen = Ml.FineTuning().SelectForLabelling(Model.Value, Pool, 5, strategy);
        UncertaintyReport report = Ml.FineTuning().DescribeUncertainty(Model.Value, Pool);
        Func<RowUncertainty, double> measure = strategy switch
        {
            LabellingStrategy.Entropy => row => row.Entropy,
            LabellingStrategy.Margin => row => row.Margin,
            _ => row => row.LeastConfidence,
        };
        CollectionAssert.AreEqual(report.Rows.Select(measure).OrderDescending().Take(5).ToArray(), chosen.Select(candidate => candidate.Score).ToArray());
        Assert.IsTrue(chosen.All(candidate => measure(report.Rows[candidate.Row]) == candidate.Score));
    }

    [TestMethod]
    [DataRow(LabellingStrategy.Bald)]
    [DataRow(LabellingStrategy.CoreSet)]
    [DataRow(LabellingStrategy.Contrastive)]
    public void Other_strategies_choose_different_rows_and_the_same_ones_again(LabellingStrategy strategy)
    {
        LabellingOptions options = new() { Strategy = strategy, Labeled = Ml.Data.LoadFromEnumerable(Tiny.Make(20)), Seed = 3, DropoutPasses = 4 };
        float[][] before = Tiny.Scores(Model.Value, Ml.Data.LoadFromEnumerable(Rows.Make(5)));
        LabellingCandidate[] first = [.. Ml.FineTuning().SelectForLabelling(Model.Value, Pool, 8, options)];
        Assert.HasCount(8, first.Select(candidate => candidate.Row).Distinct().ToArray());
        Assert.IsTrue(first.All(candidate => candidate.Score >= 0 && candidate.Row is >= 0 and < 50));
        CollectionAssert.AreEqual(first.OrderByDescending(candidate => candidate.Score).ToArray(), first);
        CollectionAssert.AreEqual(first, Ml.FineTuning().SelectForLabelling(Model.Value, Pool, 8, options).ToArray());
        Tiny.AssertSame(before, Tiny.Scores(Model.Value, Ml.Data.LoadFromEnumerable(Rows.Make(5))));
    }

    [TestMethod]
    public void All_rows_may_be_asked_for() => Assert.HasCount(50, Ml.FineTuning().SelectForLabelling(Model.Value, Pool, 1000, LabellingStrategy.CoreSet));

    [TestMethod]
    public void Bald_needs_dropout()
    {
        using MulticlassTextClassificationTransformer model = Tiny.Fit(Ml, Tiny.Options(epochs: 1));
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => Ml.FineTuning().SelectForLabelling(model, Pool, 3, LabellingStrategy.Bald));
        StringAssert.Contains(e.Message, "LabellingStrategy.Bald finds none: the model was trained without dropout");
        e = Assert.ThrowsExactly<InvalidOperationException>(() => Ml.FineTuning().DescribeUncertainty(model, Pool, dropoutPasses: 3));
        StringAssert.Contains(e.Message, "Disagreement finds none: the model was trained without dropout");
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        FineTuningCatalog catalog = Ml.FineTuning();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.SelectForLabelling(Model.Value, Pool, 3, LabellingStrategy.Contrastive)).Message, "LabellingOptions.Labeled is null");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.SelectForLabelling(Model.Value, Pool, 0));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.DescribeUncertainty(Model.Value, Pool, dropoutPasses: 1)).Message, "0, for no disagreement, or at least 2");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.DescribeUncertainty(Model.Value, Ml.Data.LoadFromEnumerable(new[] { new { Other = "" } }))).Message, "'Text'");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => catalog.DescribeUncertainty(Model.Value, Ml.Data.LoadFromEnumerable(new List<Row>()))).Message, "no rows");
        Assert.ThrowsExactly<ArgumentException>(() => catalog.DescribeUncertainty(Tiny.LabelMap(Ml), Pool));
    }
}
