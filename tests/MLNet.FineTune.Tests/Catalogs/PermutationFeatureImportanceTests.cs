using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Catalogs;

[TestClass]
public sealed class PermutationFeatureImportanceTests
{
    private readonly MLContext _ml = new(7);

    /// <summary>The label is told by the first text alone; permuting it brings accuracy to chance, permuting the second changes nothing.</summary>
    [TestMethod]
    public void The_column_that_tells_the_label_matters_and_the_other_does_not()
    {
        var rows = Enumerable.Range(0, 200).Select(i => new Row { Text = i % 2 == 0 ? "yes" : "no", Second = i % 3 == 0 ? "x" : "", Intent = i % 2 == 0 ? "a" : "b", Positive = i % 2 == 0 }).ToArray();
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        float[] weights = new float[2 * BagOfWordsClassifier.Buckets];
        weights[BagOfWordsClassifier.Bucket("no") * 2] = -2;
        weights[BagOfWordsClassifier.Bucket("no") * 2 + 1] = 2;
        weights[BagOfWordsClassifier.Bucket("yes") * 2] = 2;
        var map = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(data);
        DataViewSchema.Column label = map.GetOutputSchema(data.Schema)["Label"];
        var classifier = new MulticlassTextClassificationTransformer(_ml, new BagOfWordsClassifier(2, weights), ClassLabels.FromKey(label, (KeyDataViewType)label.Type), new ScoringColumns(nameof(Row.Text), nameof(Row.Second)));
        var model = new TransformerChain<ITransformer>(map, classifier, _ml.Transforms.CopyColumns("Copy", "PredictedLabel").Fit(classifier.Transform(map.Transform(data))));

        var importance = _ml.FineTuning().PermutationFeatureImportance(model, data, permutationCount: 5, seed: 3);
        CollectionAssert.AreEquivalent(new[] { "Text", "Second" }, importance.Keys.ToArray());
        Assert.AreEqual(-0.5, importance["Text"].MicroAccuracy.Mean, 0.1);
        Assert.AreEqual(5, importance["Text"].MicroAccuracy.Count);
        Assert.IsGreaterThan(1, importance["Text"].LogLoss.Mean);
        Assert.AreEqual(0, importance["Second"].MicroAccuracy.Mean);
        Assert.AreEqual(0, importance["Second"].LogLoss.Mean, 1e-9);

        var again = _ml.FineTuning().PermutationFeatureImportance(model, data, permutationCount: 5, seed: 3);
        Assert.AreEqual(importance["Text"].LogLoss.Mean, again["Text"].LogLoss.Mean);
        var other = _ml.FineTuning().PermutationFeatureImportance(model, data, permutationCount: 5, seed: 4);
        Assert.AreNotEqual(importance["Text"].LogLoss.Mean, other["Text"].LogLoss.Mean);
    }

    /// <summary>The change equals that of an independent computation with the same permutation.</summary>
    [TestMethod]
    public void The_change_is_that_of_the_permuted_texts()
    {
        List<Row> rows = Rows.Make(100);
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        var trainer = new BagOfWordsTrainer(_ml, ClassificationTask.Binary, new TrainingColumns(nameof(Row.Positive), nameof(Row.Text)));
        using TextClassificationTransformer model = trainer.Fit(data);
        var importance = _ml.FineTuning().PermutationFeatureImportanceBinary(model, data, nameof(Row.Positive), numberOfExamplesToUse: 60, seed: 11);

        // Binary accuracy of any permutation lies between these; the mean over all permutations is known in closed form.
        bool[] predicted = [.. model.Transform(data).GetColumn<bool>("PredictedLabel").Take(60)];
        bool[] actual = [.. rows.Take(60).Select(row => row.Positive)];
        double baseline = predicted.Zip(actual).Count(pair => pair.First == pair.Second) / 60.0;
        double p = predicted.Count(x => x) / 60.0, q = actual.Count(x => x) / 60.0;
        var many = _ml.FineTuning().PermutationFeatureImportanceBinary(model, data, nameof(Row.Positive), permutationCount: 200, numberOfExamplesToUse: 60, seed: 12);
        Assert.AreEqual(p * q + (1 - p) * (1 - q) - baseline, many["Text"].Accuracy.Mean, 4 * many["Text"].Accuracy.StandardError + 1e-6);
        Assert.AreEqual(0, (importance["Text"].Accuracy.Mean + baseline) * 60 % 1, 1e-6 * 60, "a whole number of rows of the 60");
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(20));
        using var model = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        FineTuningCatalog catalog = _ml.FineTuning();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.PermutationFeatureImportanceBinary(model, data)).Message, nameof(BinaryTextClassificationTransformer));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.PermutationFeatureImportance(model, data, "Nowhere")).Message, "'Nowhere'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.PermutationFeatureImportance(model, data, permutationCount: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.PermutationFeatureImportance(model, data, numberOfExamplesToUse: 0));
        IDataView empty = _ml.Data.FilterRowsByColumn(data, nameof(Row.Weight), lowerBound: 1000);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => catalog.PermutationFeatureImportance(model, empty, nameof(Row.Intent))).Message, "no rows");
    }
}
