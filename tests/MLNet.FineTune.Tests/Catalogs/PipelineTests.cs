using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Catalogs;

/// <summary>What ML.NET does with trainers and results works with ours.</summary>
[TestClass]
public sealed class PipelineTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Evaluate_gives_the_accuracy_counted_by_hand_and_names_the_classes()
    {
        List<Row> rows = Rows.Make(200);
        IDataView scored = Fit(rows).Transform(_ml.Data.LoadFromEnumerable(rows));
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(scored, topKPredictionCount: 2);
        string[] predicted = [.. scored.GetColumn<string>("PredictedIntent")];
        double accuracy = predicted.Zip(rows).Count(pair => pair.First == pair.Second.Intent) / 200.0;
        Assert.AreEqual(accuracy, metrics.MicroAccuracy, 1e-9);
        Assert.IsGreaterThan(0.6, accuracy);
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        string[] classes = Classes(scored);
        Assert.AreEqual(rows.Select((row, i) => -Math.Log(scores[i][Array.IndexOf(classes, row.Intent)])).Average(), metrics.LogLoss, 1e-5);
        StringAssert.Contains(metrics.ConfusionMatrix.GetFormattedConfusionTable(), "delivery");
    }

    [TestMethod]
    public void Cross_validation_fits_and_evaluates_each_fold()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text))))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));
        var folds = _ml.MulticlassClassification.CrossValidate(_ml.Data.LoadFromEnumerable(Rows.Make(300)), pipeline, numberOfFolds: 4);
        Assert.HasCount(4, folds);
        foreach (var fold in folds)
            Assert.IsGreaterThan(0.5, fold.Metrics.MicroAccuracy);
        Assert.AreEqual(300, folds.Sum(fold => fold.ScoredHoldOutSet.GetColumn<string>("PredictedIntent").Count()));
    }

    [TestMethod]
    public void Binary_evaluation_and_cross_validation_work()
    {
        var trainer = new BagOfWordsTrainer(_ml, ClassificationTask.Binary, new TrainingColumns(nameof(Row.Positive), nameof(Row.Text)));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(300));
        IDataView scored = trainer.Fit(data).Transform(data);
        CalibratedBinaryClassificationMetrics metrics = _ml.BinaryClassification.Evaluate(scored, nameof(Row.Positive));
        BinaryResult[] results = [.. _ml.Data.CreateEnumerable<BinaryResult>(scored, reuseRowObject: false)];
        Assert.AreEqual(results.Zip(Rows.Make(300)).Count(pair => pair.First.PredictedLabel == pair.Second.Positive) / 300.0, metrics.Accuracy, 1e-9);
        Assert.IsGreaterThan(0.8, metrics.AreaUnderRocCurve);
        foreach (BinaryResult result in results)
        {
            Assert.AreEqual(result.Score > 0, result.PredictedLabel);
            Assert.AreEqual(1 / (1 + Math.Exp(-result.Score)), result.Probability, 1e-6);
        }
        foreach (var fold in _ml.BinaryClassification.CrossValidate(data, trainer, numberOfFolds: 3, labelColumnName: nameof(Row.Positive)))
            Assert.IsGreaterThan(0.6, fold.Metrics.Accuracy);
    }

    [TestMethod]
    public void A_prediction_engine_over_a_chain_gives_the_value_of_the_label()
    {
        TransformerChain<ITransformer> model = Fit(Rows.Make(200));
        using PredictionEngine<Row, NamedPrediction> engine = _ml.Model.CreatePredictionEngine<Row, NamedPrediction>(model);
        Assert.AreEqual("delivery", engine.Predict(new Row { Text = "parcel late courier" }).PredictedIntent);
        Assert.AreEqual("refund", engine.Predict(new Row { Text = "money back refund" }).PredictedIntent);
        Assert.HasCount(3, engine.Predict(new Row { Text = null }).Score);
    }

    /// <summary>ML.NET's own permutation importance works on a trainer that our scores feed, and names the slots by our classes.</summary>
    [TestMethod]
    public void Permutation_importance_of_a_trainer_fed_by_the_scores_names_the_classes()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(200));
        IDataView scored = Fit(Rows.Make(200)).Transform(data);
        IDataView features = _ml.Transforms.Concatenate("Features", "Score", nameof(Row.Weight)).Fit(scored).Transform(scored);
        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(
            (ITransformer)_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(features), features, permutationCount: 3);
        CollectionAssert.AreEquivalent(new[] { "Score.refund", "Score.delivery", "Score.login", nameof(Row.Weight) }, importance.Keys.ToArray());
        Assert.IsLessThan(-0.05, importance["Score.refund"].MicroAccuracy.Mean);
        Assert.IsGreaterThan(-0.05, importance[nameof(Row.Weight)].MicroAccuracy.Mean);
    }

    [TestMethod]
    public void The_environment_behind_a_catalog_is_the_contexts()
    {
        List<string> log = [];
        _ml.Log += (_, e) => log.Add(e.RawMessage);
        foreach (IHostEnvironment environment in (IHostEnvironment[])
            [CatalogEnvironment.Of(_ml.MulticlassClassification.Trainers), CatalogEnvironment.Of(_ml.BinaryClassification.Trainers), _ml.FineTuning().Environment])
        {
            using IChannel channel = environment.Start("test");
            channel.Warning(MessageSensitivity.None, "heard");
        }
        Assert.AreEqual(3, log.Count(message => message == "heard"));
    }

    private TransformerChain<ITransformer> Fit(List<Row> rows)
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text))))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));
        return new TransformerChain<ITransformer>(pipeline.Fit(_ml.Data.LoadFromEnumerable(rows)).ToArray());
    }

    private static string[] Classes(IDataView scored)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private sealed class NamedPrediction
    {
        public string PredictedIntent { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
