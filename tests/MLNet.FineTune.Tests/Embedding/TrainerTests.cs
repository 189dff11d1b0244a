using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Embedding;

/// <summary>ML.NET's trainers learn from the vectors.</summary>
[TestClass]
public sealed class TrainerTests : IDisposable
{
    private readonly MLContext _ml = new(7);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Logistic_regression_learns_and_is_evaluated()
    {
        IDataView train = _ml.Data.LoadFromEnumerable(Tiny.Make(150)), test = _ml.Data.LoadFromEnumerable(Tiny.Make(60, seed: 2));
        ITransformer model = Pipeline().Fit(train);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(test));
        // Chance is a third.
        Assert.IsGreaterThan(0.6, metrics.MicroAccuracy);
        using var engine = _ml.Model.CreatePredictionEngine<Row, Prediction>(model);
        string[] batched = [.. model.Transform(test).GetColumn<string>("PredictedIntent")];
        Assert.AreEqual(batched[0], engine.Predict(Tiny.Make(60, seed: 2)[0]).PredictedIntent);
    }

    [TestMethod]
    public void Cross_validation_fits_and_evaluates_each_fold()
    {
        var folds = _ml.MulticlassClassification.CrossValidate(_ml.Data.LoadFromEnumerable(Tiny.Make(120)), Pipeline(), numberOfFolds: 3);
        Assert.HasCount(3, folds);
        foreach (var fold in folds)
            Assert.IsGreaterThan(0.5, fold.Metrics.MicroAccuracy);
        Assert.AreEqual(120, folds.Sum(fold => fold.ScoredHoldOutSet.GetColumn<string>("PredictedIntent").Count()));
    }

    /// <summary>However many passes a trainer makes, a cache before it keeps the vectors of the first.</summary>
    [TestMethod]
    public void With_a_cache_every_text_is_embedded_once()
    {
        var embedder = new LetterCountEmbedder();
        using var transformer = new TextEmbeddingTransformer(_ml, embedder, new EmbeddingColumns("Features", nameof(Row.Text)));
        IDataView data = _ml.Data.Cache(transformer.Transform(Tiny.Load(_ml, Tiny.Make(50))), "Features", "Label");
        _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(data);
        _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 2).Fit(data);
        Assert.AreEqual(50, embedder.Texts);
    }

    private EstimatorChain<Microsoft.ML.Transforms.KeyToValueMappingTransformer> Pipeline() =>
        _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(_ml.Transforms.Text.EmbedText(TinyEmbedding.Options(EncoderDirectory.Write(_folder.File("encoder")))))
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l2Regularization: 1e-3f, l1Regularization: 0))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));

    private sealed class Prediction
    {
        public string PredictedIntent { get; set; } = "";
    }
}
