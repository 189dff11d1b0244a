using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Catalogs;

/// <summary>What ML.NET does with trainers and results works with a real network.</summary>
[TestClass]
public sealed class RealModelTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Cross_validation_of_a_chain_fits_evaluates_and_names_the_classes()
    {
        var folds = _ml.MulticlassClassification.CrossValidate(_ml.Data.LoadFromEnumerable(Tiny.Make(120)), Tiny.Pipeline(_ml, Tiny.Options("lora")), numberOfFolds: 3);
        Assert.HasCount(3, folds);
        foreach (var fold in folds)
        {
            Assert.IsGreaterThan(0.5, fold.Metrics.MicroAccuracy);
            // MapKeyToValue of the predicted keys: the accuracy counted by hand is the evaluator's.
            double accuracy = fold.ScoredHoldOutSet.GetColumn<string>("PredictedIntent").Zip(fold.ScoredHoldOutSet.GetColumn<string>(nameof(Row.Intent))).Average(pair => pair.First == pair.Second ? 1.0 : 0);
            Assert.AreEqual(accuracy, fold.Metrics.MicroAccuracy, 1e-9);
            StringAssert.Contains(fold.Metrics.ConfusionMatrix.GetFormattedConfusionTable(), "delivery");
        }
        Assert.AreEqual(120, folds.Sum(fold => fold.ScoredHoldOutSet.GetColumn<string>("PredictedIntent").Count()));
    }

    [TestMethod]
    public void Binary_cross_validation_fits_and_evaluates_each_fold()
    {
        TextClassificationOptions options = Tiny.Options();
        options.LabelColumnName = nameof(Row.Positive);
        var folds = _ml.BinaryClassification.CrossValidate(_ml.Data.LoadFromEnumerable(Tiny.Make(120)), _ml.BinaryClassification.Trainers.FineTune(options), numberOfFolds: 3, labelColumnName: nameof(Row.Positive));
        Assert.HasCount(3, folds);
        foreach (var fold in folds)
            Assert.IsGreaterThan(0.8, fold.Metrics.AreaUnderRocCurve);
    }

    /// <summary>Ours permutes texts: the first tells the class, the second is the same in all rows.</summary>
    [TestMethod]
    public void Text_permutation_importance_finds_the_text_that_matters()
    {
        List<Row> rows = [.. Tiny.Make(120).Select(row => new Row { Text = row.Text, Second = "thanks", Intent = row.Intent, Positive = row.Positive })];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        var model = Tiny.Pipeline(_ml, Tiny.Options(pairs: true)).Fit(data);
        var importance = _ml.FineTuning().PermutationFeatureImportance(model, data, permutationCount: 3);
        Assert.IsLessThan(-0.4, importance[nameof(Row.Text)].MicroAccuracy.Mean);
        Assert.AreEqual(0, importance[nameof(Row.Second)].MicroAccuracy.Mean);

        TextClassificationOptions options = Tiny.Options(pairs: true);
        options.LabelColumnName = nameof(Row.Positive);
        using var binary = _ml.BinaryClassification.Trainers.FineTune(options).Fit(data);
        var binaryImportance = _ml.FineTuning().PermutationFeatureImportanceBinary(binary, data, nameof(Row.Positive), permutationCount: 3);
        Assert.IsLessThan(-0.2, binaryImportance[nameof(Row.Text)].AreaUnderRocCurve.Mean);
        Assert.AreEqual(0, binaryImportance[nameof(Row.Second)].AreaUnderRocCurve.Mean);
    }

    /// <summary>ML.NET's own permutes slots of numbers: those of our scores, as features of a trainer of its.</summary>
    [TestMethod]
    public void MLNets_permutation_importance_works_on_a_trainer_fed_by_the_scores()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(120));
        using var model = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options()).Fit(data);
        IDataView scored = model.Transform(data);
        IDataView features = _ml.Transforms.Concatenate("Features", "Score", nameof(Row.Weight)).Fit(scored).Transform(scored);
        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(
            (ITransformer)_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(features), features, permutationCount: 2);
        CollectionAssert.AreEquivalent(new[] { "Score.refund", "Score.delivery", "Score.login", nameof(Row.Weight) }, importance.Keys.ToArray());
        Assert.IsLessThan(-0.05, importance["Score.refund"].MicroAccuracy.Mean);
        Assert.IsGreaterThan(-0.05, importance[nameof(Row.Weight)].MicroAccuracy.Mean);
    }

    /// <summary>Two contexts and two models of different sizes at once: each keeps its own.</summary>
    [TestMethod]
    public void Models_of_two_contexts_do_not_disturb_each_other()
    {
        var other = new MLContext(8);
        IDataView data = Tiny.Load(_ml, Tiny.Make(30)), otherData = Tiny.Load(other, Tiny.Make(30));
        MulticlassFineTuneTrainer trainer = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options(epochs: 1));
        MulticlassFineTuneTrainer otherTrainer = other.MulticlassClassification.Trainers.FineTune(Tiny.Options("lora", pairs: true, epochs: 1, encoder: Tiny.Encoder(layers: 2)));
        using var model = trainer.Fit(data);
        float[][] before = Tiny.Scores(model, data);
        var second = otherTrainer.Fit(otherData);
        float[][] otherBefore = Tiny.Scores(second, otherData);
        Tiny.AssertSame(before, Tiny.Scores(model, data));
        // Data of one context goes through a model of the other.
        Tiny.AssertSame(otherBefore, Tiny.Scores(second, data));
        second.Dispose();
        other.Cancel();
        Tiny.AssertSame(before, Tiny.Scores(model, data));
    }

    /// <summary>Cancelling a context stops what runs on it when it scores, and nothing on others.</summary>
    [TestMethod]
    public void Cancelling_the_context_stops_scoring()
    {
        IDataView data = Tiny.Load(new MLContext(), Enumerable.Range(0, 50).SelectMany(_ => Tiny.Make(30)));
        using var model = Tiny.Fit(_ml, Tiny.Options("head", epochs: 1));
        using DataViewRowCursor cursor = model.Transform(data).GetRowCursor(model.GetOutputSchema(data.Schema));
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(cursor.Schema["Score"]);
        VBuffer<float> score = default;
        Assert.IsTrue(cursor.MoveNext());
        getter(ref score);
        _ml.Cancel();
        int served = 1;
        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            for (; cursor.MoveNext(); served++)
                getter(ref score);
        });
        Assert.IsLessThan(200, served);
    }
}
