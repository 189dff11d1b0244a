using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Soups;

[TestClass]
public sealed class SoupTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void A_soup_of_one_scores_as_that_one()
    {
        using MulticlassTextClassificationTransformer model = Fit(1e-2), soup = _ml.FineTuning().Soup(model);
        IDataView data = Held();
        Tiny.AssertSame(Tiny.Scores(model, data), Tiny.Scores(soup, data));
    }

    [TestMethod]
    public void A_soup_is_between_its_models_and_goes_into_the_zip()
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer low = Fit(3e-3), high = Fit(3e-2), soup = _ml.FineTuning().Soup(low, high);
        IDataView data = Held();
        float[][] expected = Tiny.Scores(soup, data);
        Assert.IsFalse(expected.Zip(Tiny.Scores(low, data)).All(pair => pair.First.SequenceEqual(pair.Second)));
        CollectionAssert.AreEqual(low.ClassNames.ToArray(), soup.ClassNames.ToArray());

        _ml.Model.Save(soup, data.Schema, folder.File("soup.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("soup.zip"), out _);
        Tiny.AssertSame(expected, Tiny.Scores(loaded, data));
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    [DataRow(ValidationMetric.Accuracy)]
    [DataRow(ValidationMetric.LogLoss)]
    public void A_greedy_soup_is_no_worse_than_the_best_model(ValidationMetric metric)
    {
        // The one that hardly learnt comes first, and one that was driven too far is among them.
        MulticlassTextClassificationTransformer[] models = [Fit(1e-5), Fit(1e-2), Fit(2e-2), Fit(0.5)];
        IDataView data = Held();
        GreedySoup<MulticlassTextClassificationTransformer> greedy = _ml.FineTuning().GreedySoup(models, data, metric: metric);
        double sign = metric == ValidationMetric.LogLoss ? -1 : 1;
        double[] alone = [.. models.Select(model => Measured(model))];
        for (int i = 0; i < models.Length; i++)
            Assert.AreEqual(alone[i], greedy.ModelMetrics[i], 1e-5);
        Assert.AreEqual(Measured(greedy.Model), greedy.Metric, 1e-5);
        Assert.IsGreaterThanOrEqualTo(greedy.ModelMetrics.Max(value => sign * value), sign * greedy.Metric);

        // The same once more, by uniform soups and ML.NET's evaluator.
        int[] order = [.. Enumerable.Range(0, models.Length).OrderByDescending(i => sign * alone[i])];
        List<int> ingredients = [order[0]];
        double best = alone[order[0]];
        foreach (int i in order.Skip(1))
        {
            using MulticlassTextClassificationTransformer larger = _ml.FineTuning().Soup([.. ingredients.Append(i).Select(member => models[member])]);
            if (sign * Measured(larger) < sign * best)
                continue;
            best = Measured(larger);
            ingredients.Add(i);
        }
        CollectionAssert.AreEqual(ingredients, greedy.Ingredients.ToList());
        using MulticlassTextClassificationTransformer same = _ml.FineTuning().Soup([.. greedy.Ingredients.Select(i => models[i])]);
        Tiny.AssertSame(Tiny.Scores(same, data), Tiny.Scores(greedy.Model, data));
        greedy.Model.Dispose();
        foreach (MulticlassTextClassificationTransformer model in models)
            model.Dispose();

        double Measured(ITransformer model)
        {
            MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data));
            return metric == ValidationMetric.LogLoss ? metrics.LogLoss : metrics.MicroAccuracy;
        }
    }

    [TestMethod]
    public void Binary_models_are_averaged_too()
    {
        BinaryTextClassificationTransformer Fitted(double rate)
        {
            TextClassificationOptions options = Options(rate);
            options.LabelColumnName = nameof(Row.Positive);
            return new MLContext(7).BinaryClassification.Trainers.FineTune(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        }

        using BinaryTextClassificationTransformer first = Fitted(1e-2), second = Fitted(2e-2);
        GreedySoup<BinaryTextClassificationTransformer> greedy = _ml.FineTuning().GreedySoup(
            [first, second], _ml.Data.LoadFromEnumerable(Tiny.Make(30, seed: 3)), nameof(Row.Positive), ValidationMetric.AreaUnderRocCurve);
        Assert.IsGreaterThanOrEqualTo(greedy.ModelMetrics.Max(), greedy.Metric);
        greedy.Model.Dispose();
    }

    [TestMethod]
    public void Wrong_calls_say_what_is_expected()
    {
        FineTuningCatalog catalog = _ml.FineTuning();
        Assert.Contains("expected at least one", Assert.ThrowsExactly<ArgumentException>(() => catalog.Soup<MulticlassTextClassificationTransformer>([])).Message);
        using MulticlassTextClassificationTransformer model = Fit(1e-2), other = Tiny.Fit(new MLContext(7), Tiny.Options("head", epochs: 1));
        Assert.Contains("Models 0 and 1 have different methods", Assert.ThrowsExactly<ArgumentException>(() => catalog.Soup(model, other)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.GreedySoup([model], Held(), metric: (ValidationMetric)99));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.GreedySoup([model], Held(), "Nothing"));

        IDataView few = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(2))).Transform(_ml.Data.LoadFromEnumerable(Tiny.Make(2)));
        Assert.Contains("other classes than the models", Assert.ThrowsExactly<InvalidOperationException>(() => catalog.GreedySoup([model], few)).Message);
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => catalog.Soup(model));
    }

    private IDataView Held() => Tiny.Load(_ml, Tiny.Make(30, seed: 3));

    private static TextClassificationOptions Options(double rate)
    {
        TextClassificationOptions options = Tiny.Options(epochs: 3);
        options.Training.LearningRate = rate;
        return options;
    }

    private static MulticlassTextClassificationTransformer Fit(double rate) => Tiny.Fit(new MLContext(7), Options(rate));
}
